"""Servers of the Model Context Protocol: programs of their own, over stdio or HTTP."""

"""The tools that come with Nellie, one file each, and the toolbox that runs them."""

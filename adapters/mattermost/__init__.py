"""Mattermost: its bulk exports are imported."""

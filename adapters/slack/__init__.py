"""Slack: one workspace, by an app made from manifest.yaml; also its exports."""

"""Slack: one workspace, by an app made from infra/slack-manifest.yaml; also its exports."""

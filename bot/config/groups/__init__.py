"""The settings by subject; bot.config.settings joins them into one object."""

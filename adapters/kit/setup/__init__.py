"""What `nellie slack setup` and `nellie discord setup` share: questions, checks, and .env."""

"""The command line of well-known database migrators, as each tool documents it."""

PRESETS: dict[str, tuple[str, ...]] = {
    "alembic": ("alembic", "upgrade", "head"),
    "django": ("python", "manage.py", "migrate", "--noinput"),
    "rails": ("bin/rails", "db:migrate"),
    "prisma": ("npx", "prisma", "migrate", "deploy"),
    "flyway": ("flyway", "migrate"),
    "liquibase": ("liquibase", "update"),
    "dbmate": ("dbmate", "--no-dump-schema", "migrate", "--strict"),
    "knex": ("npx", "knex", "migrate:latest"),
    "laravel": ("php", "artisan", "migrate", "--force"),
    "sqitch": ("sqitch", "deploy"),
}
"""Each finds its database in its own configuration or environment inside the image."""

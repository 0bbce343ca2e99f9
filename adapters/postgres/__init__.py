"""PostgreSQL: the connection pool, the migrations and the repositories."""

# Two stages: the first installs from the hashed lock and compiles, the second carries only what runs.
# Web, worker, beat and the commands are one image; docker-compose.yml says which is which.

FROM python:3.13-slim-trixie AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --quiet --require-hashes -r requirements.lock
COPY . ./
RUN /venv/bin/python -m babel.messages.frontend compile -d translations \
 && /venv/bin/python -m compileall -q .

FROM python:3.13-slim-trixie

# pg_dump, pg_restore and psql for the backup commands; of the same generation as the server in docker-compose.yml.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/*

# A fixed number, so that the key files on the host can be given to it.
RUN groupadd --gid 10001 prisme \
 && useradd --uid 10001 --gid prisme --no-create-home --home-dir /var/lib/prisme --shell /usr/sbin/nologin prisme \
 && install -d -m 0700 -o prisme -g prisme /var/lib/prisme

# The database password comes as a file; libpq, and so psycopg and pg_dump, take it from the environment.
RUN printf '%s\n' '#!/bin/sh' 'set -e' \
    'if [ -n "$DATABASE_PASSWORD_FILE" ]; then' \
    '  PGPASSWORD=$(cat "$DATABASE_PASSWORD_FILE")' \
    '  export PGPASSWORD' \
    'fi' \
    'exec "$@"' > /usr/local/bin/with-password \
 && chmod 0755 /usr/local/bin/with-password

WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app

ENV PATH=/venv/bin:$PATH \
    APP_ENV=production \
    INSTANCE_DIR=/var/lib/prisme \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["with-password"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "2", "--backpressure", "64", "--no-ws", "--respawn-failed-workers", \
     "--workers-kill-timeout", "20", "--workers-max-rss", "400", "wsgi:app"]

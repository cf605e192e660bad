# syntax=docker/dockerfile:1
# One image for web, worker, beat, migrations and backups. PostgreSQL's client programs come with the locked packages.
ARG BASE=python:3.13.9-slim-trixie

FROM ${BASE} AS packages
WORKDIR /app
COPY requirements.lock .
# Compiled here, by content and not by date: the image cannot write, and the same lock gives the same files.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-compile --quiet --require-hashes --requirement requirements.lock \
    && /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib

# Of the drawing library only what is drawn.
FROM ${BASE} AS bundle
WORKDIR /app
COPY bundle bundle
COPY okrplanner/bundle.py okrplanner/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --quiet --require-hashes --requirement bundle/requirements.lock \
    && /venv/bin/python bundle/make.py

FROM ${BASE} AS app
# Reports become PDFs with Pango, and Japanese is written with a font that knows it.
RUN apt-get update -qq \
    && apt-get install -qq --yes --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
ARG SOURCE_DATE_EPOCH=0
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8 \
    EMBEDDED=0 \
    BIND=0.0.0.0:8000 \
    STATIC_ROOT=/app/collected \
    VAR_DIR=/var/okrplanner
RUN useradd --system --uid 10001 --home-dir /var/okrplanner --shell /usr/sbin/nologin okrplanner \
    && install --directory --owner okrplanner --group okrplanner --mode 0700 /var/okrplanner /var/okrplanner/backups
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY okrplanner okrplanner
COPY people people
COPY funnel funnel
COPY objectives objectives
COPY dashboards dashboards
COPY templates templates
COPY static static
COPY --from=bundle /app/bundle bundle
# The words, the static files and the compiled modules belong to the image; the settings given here stay in no layer
# and lead nowhere.
RUN python -m okrplanner.translations compile \
    && SECRET_KEY="$(head -c 48 /dev/urandom | base64)" ALLOWED_HOSTS=build DATABASE_URL=postgresql:///build \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q --invalidation-mode unchecked-hash /app
USER 10001:10001
VOLUME /var/okrplanner
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "/app/okrplanner/health_check.py"]
CMD ["gunicorn", "--config", "python:okrplanner.web_server", "okrplanner.wsgi"]

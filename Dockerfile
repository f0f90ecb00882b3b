FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --uid 10001 --no-create-home portal
WORKDIR /srv/portal

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY manage.py ./
COPY accounts accounts
COPY webhooks webhooks
COPY groups groups
COPY targets targets
COPY integrations integrations
COPY training training
COPY portal portal
COPY templates templates
COPY static static

# The pages' files are the same for every installation, so they are gathered here, without a secret.
ENV STATIC_ROOT=/srv/portal/staticfiles
RUN PORTAL_MODE=embedded PORTAL_VAR=/var/build python -m compileall -q . \
    && PORTAL_MODE=embedded PORTAL_VAR=/var/build python manage.py collectstatic --no-input \
    && rm -rf /var/build

# Else each thread that fetches pages keeps memory of its own: a fifth of what a worker needs.
ENV MALLOC_ARENA_MAX=2
ENV PORTAL_VAR=/run/portal
USER portal
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket", "--config", "python:portal.serving"]

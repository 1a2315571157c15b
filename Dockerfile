# One image for every role (web, worker, beat): the command decides. Built in two stages, run as an ordinary user.
FROM python:3.13-slim-trixie AS build
ENV PYTHONDONTWRITEBYTECODE=1
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/portal \
 && /opt/portal/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/base.txt
COPY . /srv/portal
WORKDIR /srv/portal
RUN /opt/portal/bin/python -m portal.catalogues compile \
 && /opt/portal/bin/python -m scripts.lib.components --out sbom.cdx.json \
 && PORTAL_VAR=/tmp/build PORTAL_STATIC_ROOT=/srv/static /opt/portal/bin/python manage.py collectstatic --no-input \
 && rm -rf /tmp/build

FROM python:3.13-slim-trixie
# pango and harfbuzz lay certificates out; bubblewrap closes test jobs off.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 bubblewrap \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 portal \
 && install -d -o portal -g portal /var/lib/portal /var/lib/static
COPY --from=build /opt/portal /opt/portal
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/portal /srv/portal
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 \
    PORTAL_MODE=production PORTAL_VAR=/var/lib/portal PORTAL_STATIC_ROOT=/srv/static
USER portal
WORKDIR /srv/portal
VOLUME /var/lib/portal
EXPOSE 8000
# Workers are renewed now and then; a request under way has 30 seconds to end when the container is stopped.
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
     "--worker-tmp-dir", "/tmp", "--timeout", "120", "--graceful-timeout", "30", "--max-requests", "5000", \
     "--max-requests-jitter", "500", "--no-control-socket"]

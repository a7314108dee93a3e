"""The server that every program is measured against: one nginx that stands in for TMDB, S3 and Lambda.

TMDB is served over HTTPS with HTTP/2, on one port without latency and on another after 50 ms. S3 and Lambda are
served over plain HTTP. They check no signatures and store nothing; the only object that exists is
movies.csv. So the figures show the cost of the clients, not of real servers.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import time
from collections import Counter

from films import FILMS, Films
from machine import SERVER_CORE

LATENCY_SECONDS = 0.05
START_SECONDS_MAX = 10
ECHO_MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so"


class Servers:
    """Starts nginx when created, with its files in the caller's folder; `close` stops it."""

    def __init__(self, folder: pathlib.Path, films: Films) -> None:
        self.folder = folder
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        _make_certificate(self.certificate, self.key)
        self.films = films
        films.write(folder)
        (folder / "list").write_text("<ListBucketResult></ListBucketResult>")
        self.tls, self.slow, self.plain = free_port(), free_port(), free_port()
        self.tmdb, self.slow_tmdb = f"https://localhost:{self.tls}", f"https://localhost:{self.slow}"
        self.aws = f"http://localhost:{self.plain}"
        configuration = folder / "nginx.conf"
        configuration.write_text(self._configuration())
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            raise SystemExit("nginx is not installed. Run infra/setup bench.")
        self.process = subprocess.Popen(
            [program, "-c", configuration, "-p", folder, "-e", folder / "error.log"],
            preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORE), start_new_session=True)
        for port in (self.tls, self.slow, self.plain):
            wait_for(port)

    def serve_movies(self, movies: pathlib.Path) -> None:
        """Serves this file as movies.csv."""
        link = self.folder / "movies.csv"
        link.unlink(missing_ok=True)
        link.symlink_to(movies)

    def drain_calls(self) -> Counter[str]:
        """Returns the number of GET, PUT, LIST, HEAD and INVOKE requests since the last call, and resets them to 0."""
        log = self.folder / "calls.log"
        calls = Counter(_call(line) for line in log.read_text().splitlines())
        os.truncate(log, 0)
        return calls

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()

    def _configuration(self) -> str:
        folder = self.folder
        temporary = " ".join(
            f"{name}_temp_path {folder}/{name};" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        film = "(?<film>" + r"\d" * len(str(FILMS - 1)) + ")"
        tls = f"ssl_certificate {self.certificate}; ssl_certificate_key {self.key};"
        find, credits = f"/3/find/tt.*{film}$", "/3/movie/(?<movie>[0-9]+)/credits$"
        return f"""
load_module {ECHO_MODULE};
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
  access_log off; default_type application/json; {temporary} root {folder};
  client_max_body_size 100m; client_body_buffer_size 8m; sendfile on; tcp_nopush on;
  keepalive_requests 10000000; keepalive_time 1d; http2_max_concurrent_streams 256;
  open_file_cache max=10000; open_file_cache_valid 1d;
  log_format call '$request_method $uri $args';
  server {{
    listen 127.0.0.1:{self.tls} ssl http2 backlog=1024; {tls}
    location ~ ^{find} {{ rewrite .* /find/$film break; }}
    location ~ ^{credits} {{ rewrite .* /credits/$movie break; }}
  }}
  server {{
    listen 127.0.0.1:{self.slow} ssl http2 backlog=1024; {tls}
    location ~ ^{find} {{ echo_sleep {LATENCY_SECONDS}; echo_exec /find/$film; }}
    location ~ ^{credits} {{ echo_sleep {LATENCY_SECONDS}; echo_exec /credits/$movie; }}
    location /find/ {{ }}
    location /credits/ {{ }}
  }}
  server {{
    listen 127.0.0.1:{self.plain} backlog=1024; access_log {folder}/calls.log call;
    location /lake/ {{
      if ($request_method = PUT) {{ rewrite .* /accepted last; }}
      if ($arg_prefix) {{ rewrite .* /list last; }}
      return 404;
    }}
    location /lake/base/ {{ }}
    location = /lake/movies.csv {{ open_file_cache off; rewrite .* /movies.csv break; }}
    location = /list {{ }}
    # 206, because nginx evaluates If-Match and If-None-Match itself when the status is 200.
    location = /accepted {{ add_header ETag '"e"' always; echo_read_request_body; echo_status 206; echo -n ''; }}
    location /2015-03-31/ {{ echo_read_request_body; echo_status 202; echo -n ''; }}
  }}
}}
"""


def _call(line: str) -> str:
    method, path, query = line.split(" ", 2)
    if path.startswith("/2015-03-31/"):
        return "INVOKE"
    return "LIST" if path == "/list" else method


def _make_certificate(certificate: pathlib.Path, key: pathlib.Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, stderr=subprocess.DEVNULL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(port: int) -> None:
    """Waits until a server accepts connections on the port. Exits after START_SECONDS_MAX."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no server accepted connections on port {port} within {START_SECONDS_MAX} s")

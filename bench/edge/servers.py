"""Every server of the comparison: how it is told to cache what one origin has, on one core, without a log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which

from attrs import evolve, frozen

from bench.measure import free_port

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; {http}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""
VARNISH = 'vcl 4.1; backend default {{ .host = "127.0.0.1"; .port = "{upstream}"; }}\n'
HAPROXY_DEFAULTS = """
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
"""
HAPROXY = (
    HAPROXY_DEFAULTS
    + """cache hits
  total-max-size 256
  max-object-size 4000000
  max-age 3600
frontend viewers
  bind 127.0.0.1:{port}
  http-request cache-use hits
  http-response cache-store hits
  default_backend origin
backend origin
  server origin 127.0.0.1:{upstream}
"""
)
SQUID = """
http_port 127.0.0.1:{port} accel defaultsite=127.0.0.1:{upstream} no-vhost
cache_peer 127.0.0.1 parent {upstream} 0 no-query originserver
http_access allow all
cache_mem 256 MB
maximum_object_size_in_memory 4 MB
maximum_object_size 4 MB
access_log none
cache_log {folder}/cache.log
cache_store_log none
pid_filename {folder}/squid.pid
coredump_dir {folder}
cache_effective_user proxy
logfile_rotate 0
pinger_enable off
shutdown_lifetime 0 seconds
netdb_filename none
"""
HTTPD = """
ServerRoot {folder}
PidFile {folder}/httpd.pid
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
ServerName 127.0.0.1
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule cache_module {modules}/mod_cache.so
LoadModule cache_disk_module {modules}/mod_cache_disk.so
StartServers 1
ThreadsPerChild 64
ServerLimit 1
MaxRequestWorkers 64
MaxKeepAliveRequests 0
KeepAlive On
EnableSendfile On
CacheRoot {folder}/cache
CacheEnable disk /
CacheQuickHandler on
CacheMaxFileSize 4000000
ProxyPass / http://127.0.0.1:{upstream}/
"""
TRAFFIC_SERVER = """
CONFIG proxy.config.http.server_ports STRING {port}:ip-in=127.0.0.1
CONFIG proxy.config.exec_thread.autoconfig.enabled INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.exec_thread.affinity INT 0
CONFIG proxy.config.accept_threads INT 0
CONFIG proxy.config.task_threads INT 1
CONFIG proxy.config.cache.threads_per_disk INT 1
CONFIG proxy.config.cache.ram_cache.size INT 256M
CONFIG proxy.config.cache.ram_cache_cutoff INT 4M
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.admin.user_id STRING {user}
CONFIG proxy.config.url_remap.remap_required INT 1
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 600
CONFIG proxy.config.diags.debug.enabled INT 0
"""
TRAFFIC_SERVER_ALLOWS = """
ip_allow:
  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}
"""
UNPRIVILEGED = "nobody"  # whom those become that will not serve as root
HTTPD_MODULES = "/usr/lib/apache2/modules"


@frozen
class Server:
    """A server that is ready to be started: its command and where it will listen."""

    name: str
    command: tuple[str, ...]
    port: int
    tls_port: int = 0

    def tls_url(self, path: str = "/") -> str:
        """Where it answers over TLS, if it does."""
        return f"https://127.0.0.1:{self.tls_port}{path}"

    def url(self, path: str = "/") -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}{path}"


Make = Callable[[Path, int], Server]
Pair = tuple[Path, Path]
"""A certificate and its key."""


def ours(folder: Path, upstream: int, *, more: tuple[str, ...] = (), tls: Pair | None = None) -> Server:
    """An edge as it comes: memory and disk."""
    port, tls_port = free_port(), free_port()
    program = str(Path(sys.executable).parent / "pixeledge")
    listen = ("--listen", f"127.0.0.1:{port}", "--cache", str(folder / "edge"))
    if tls is not None:
        more += ("--tls-listen", f"127.0.0.1:{tls_port}", "--cert", str(tls[0]), "--key", str(tls[1]))
    command = (program, "edge", "--upstream", f"http://127.0.0.1:{upstream}", *listen, *more)
    return Server("pixeledge", command, port, tls_port)


def files(folder: Path, root: Path) -> Server:
    """The origin: nginx with files that are fresh for an hour."""
    return _nginx(folder, "origin", server=f"root {root}; expires 1h; add_header Cache-Control public;")


def nginx(folder: Path, upstream: int, *, tls: Pair | None = None) -> Server:
    """`proxy_cache`, its files sent with `sendfile`."""
    tls_port = free_port()
    zone = f"proxy_cache_path {folder}/cache keys_zone=hits:10m max_size=2g;"
    server = f"location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_cache hits; }}"
    if tls is not None:
        server += (
            f" listen 127.0.0.1:{tls_port} ssl http2; ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};"
        )
    return evolve(_nginx(folder, "nginx", http=zone, server=server), tls_port=tls_port)


def _nginx(folder: Path, name: str, *, server: str, http: str = "") -> Server:
    port = free_port()
    text = NGINX.format(folder=folder, port=port, server=server, http=http)
    path = _written(folder / "nginx.conf", text)
    return Server(name, ("nginx", "-e", str(folder / "nginx.log"), "-c", str(path)), port)


def varnish(folder: Path, upstream: int) -> Server:
    """One pool of threads, bodies in memory."""
    port = free_port()
    vcl = _written(folder / "default.vcl", VARNISH.format(upstream=upstream))
    pools = ("-p", "thread_pools=1", "-p", "thread_pool_min=40", "-p", "default_ttl=3600")
    command = ("varnishd", "-F", "-j", "none", "-n", str(folder / "work"), "-f", str(vcl), *pools)
    return Server("Varnish", (*command, "-a", f"127.0.0.1:{port}", "-s", "malloc,256m"), port)


def haproxy(folder: Path, upstream: int) -> Server:
    """Its small-object cache, made large enough for a megabyte."""
    port = free_port()
    path = _written(folder / "haproxy.cfg", HAPROXY.format(port=port, upstream=upstream))
    return Server("HAProxy", ("haproxy", "-db", "-f", str(path)), port)


def squid(folder: Path, upstream: int) -> Server:
    """As an accelerator, bodies in memory."""
    port = free_port()
    folder.chmod(0o777)
    path = _written(folder / "squid.conf", SQUID.format(folder=folder, port=port, upstream=upstream))
    return Server("Squid", ("squid", "-N", "-f", str(path)), port)


def httpd(folder: Path, upstream: int) -> Server:
    """`mod_cache_disk` before `mod_proxy`, the event MPM."""
    port = free_port()
    (folder / "cache").mkdir()
    for each in (folder, folder / "cache"):
        each.chmod(0o777)
    text = HTTPD.format(folder=folder, port=port, upstream=upstream, modules=HTTPD_MODULES)
    path = _written(folder / "httpd.conf", text)
    return Server("httpd", ("apache2", "-D", "FOREGROUND", "-f", str(path)), port)


def traffic_server(folder: Path, upstream: int) -> Server:
    """One event thread, bodies in its memory cache."""
    port = free_port()
    for name in ("etc", "var", "log", "cache", "run"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    etc = folder / "etc"
    _written(etc / "records.config", TRAFFIC_SERVER.format(port=port, user=UNPRIVILEGED))
    _written(etc / "remap.config", f"map / http://127.0.0.1:{upstream}/\n")
    _written(etc / "storage.config", f"{folder}/cache 512M\n")
    _written(etc / "ip_allow.yaml", TRAFFIC_SERVER_ALLOWS)
    _written(
        folder / "runroot.yaml",
        "".join(
            f"{name}: {place}\n"
            for name, place in (
                ("prefix", folder), ("exec_prefix", folder), ("bindir", "/usr/bin"), ("sbindir", "/usr/sbin"),
                ("sysconfdir", etc), ("datadir", folder / "var"), ("includedir", "/usr/include"),
                ("libdir", "/usr/lib"), ("libexecdir", "/usr/lib/trafficserver/modules"),
                ("localstatedir", folder / "var"), ("runtimedir", folder / "run"), ("logdir", folder / "log"),
                ("cachedir", folder / "cache"),
            )
        ),
    )  # fmt: skip
    command = ("traffic_server", f"--run-root={folder / 'runroot.yaml'}", "-n", "1")
    return Server("Traffic Server", command, port)


PEERS: dict[str, tuple[str, Make]] = {
    "nginx": ("nginx", nginx),
    "haproxy": ("haproxy", haproxy),
    "trafficserver": ("traffic_server", traffic_server),
    "varnish": ("varnishd", varnish),
    "squid": ("squid", squid),
    "httpd": ("apache2", httpd),
}


def installed(wanted: tuple[str, ...]) -> list[tuple[str, Make]]:
    """Those of the wanted peers that are on PATH; the others are named once."""
    found = []
    for name in wanted or PEERS:
        program, make = PEERS[name]
        if which(program) is None:
            print(f"{name} is left out: {program} is not on PATH", file=sys.stderr)
        else:
            found.append((name, make))
    return found


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path

//! What to write into a reverse proxy's configuration, so that it goes together with ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::base_url::BaseUrl;

/// A reverse proxy that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    Caddy,
    Traefik,
    Nginx,
    /// Nginx Proxy Manager, which has forms instead of files.
    Npm,
}

/// No proxy that we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no proxy that is known here; there are caddy, traefik, nginx and npm (Nginx Proxy Manager)")]
pub struct UnknownProxy(String);

impl FromStr for Proxy {
    type Err = UnknownProxy;

    fn from_str(name: &str) -> Result<Self, UnknownProxy> {
        Ok(match name {
            "caddy" => Self::Caddy,
            "traefik" => Self::Traefik,
            "nginx" => Self::Nginx,
            "npm" => Self::Npm,
            other => return Err(UnknownProxy(other.to_owned())),
        })
    }
}

/// The snippet for a base URL (https) and the address that we listen on. Lines that begin with `#` are for people.
pub fn snippet(proxy: Proxy, base: &BaseUrl, listen: SocketAddr) -> String {
    let to = reachable(listen);
    let text = match proxy {
        Proxy::Caddy => caddy(base, to),
        Proxy::Traefik => traefik(base, to),
        Proxy::Nginx => nginx(base, to),
        Proxy::Npm => npm(base, to),
    };
    let after = if to.ip().is_loopback() {
        format!(
            "\n# Latchkey, on the same machine:\n#   latchkey serve --url {base} --listen {listen} --trusted-proxies {to}",
            base = base.as_str(),
            to = to.ip()
        )
    } else {
        format!(
            "\n# Latchkey, with the address that the proxy comes from (its container's network, if it is in one):\n\
             #   latchkey serve --url {} --listen {listen} --trusted-proxies ADDRESS",
            base.as_str()
        )
    };
    format!("{text}{after}\n")
}

/// Who listens on every address is reached on the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn port_of(base: &BaseUrl) -> &str {
    base.authority().strip_prefix(base.host()).and_then(|rest| rest.strip_prefix(':')).unwrap_or("443")
}

fn caddy(base: &BaseUrl, to: SocketAddr) -> String {
    format!(
        "# Caddyfile. Caddy gets the certificate, sends http to https, and forwards the client's address by itself.\n\
         {} {{\n\
         \treverse_proxy {to}\n\
         }}\n",
        base.as_str()
    )
}

fn traefik(base: &BaseUrl, to: SocketAddr) -> String {
    let rule = base.host();
    format!(
        "# Traefik, a file of the file provider. \"websecure\" is the entry point on port {port}, and \"letsencrypt\" the\n\
         # certificate resolver; call them what they are called in your static configuration.\n\
         http:\n\
         \x20 routers:\n\
         \x20   latchkey:\n\
         \x20     rule: \"Host(`{rule}`)\" # {base}\n\
         \x20     entryPoints: [\"websecure\"]\n\
         \x20     service: latchkey\n\
         \x20     tls:\n\
         \x20       certResolver: letsencrypt\n\
         \x20 services:\n\
         \x20   latchkey:\n\
         \x20     loadBalancer:\n\
         \x20       servers:\n\
         \x20         - url: \"http://{to}\"\n",
        port = port_of(base),
        base = base.as_str()
    )
}

fn nginx(base: &BaseUrl, to: SocketAddr) -> String {
    let (host, port) = (base.host(), port_of(base));
    format!(
        "# nginx, for {base}: a file in conf.d or sites-enabled.\n\
         server {{\n\
         \x20   listen {port} ssl;\n\
         \x20   listen [::]:{port} ssl;\n\
         \x20   server_name {host};\n\
         \x20   ssl_certificate /etc/letsencrypt/live/{host}/fullchain.pem;\n\
         \x20   ssl_certificate_key /etc/letsencrypt/live/{host}/privkey.pem;\n\
         \x20   client_max_body_size 1m;\n\
         \x20   location / {{\n\
         \x20       proxy_pass http://{to};\n\
         \x20       proxy_http_version 1.1;\n\
         \x20       proxy_set_header Connection \"\";\n\
         \x20       proxy_set_header Host $http_host;\n\
         \x20       proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
         \x20       proxy_set_header X-Forwarded-Proto $scheme;\n\
         \x20       proxy_set_header X-Forwarded-Host $http_host;\n\
         \x20   }}\n\
         }}\n\
         server {{\n\
         \x20   listen 80;\n\
         \x20   listen [::]:80;\n\
         \x20   server_name {host};\n\
         \x20   return 301 {base}$request_uri;\n\
         }}\n",
        base = base.as_str()
    )
}

fn npm(base: &BaseUrl, to: SocketAddr) -> String {
    let ip = if to.ip().is_loopback() {
        "the address of this machine, not 127.0.0.1".to_owned()
    } else {
        to.ip().to_string()
    };
    format!(
        "# Nginx Proxy Manager, for {base}: Hosts, Proxy Hosts, Add Proxy Host.\n\
         # It runs in a container, to which 127.0.0.1 is the container itself: let Latchkey listen where it is reached.\n\
         Details\n\
         \x20 Domain Names           {host}\n\
         \x20 Scheme                 http\n\
         \x20 Forward Hostname / IP  {ip}\n\
         \x20 Forward Port           {port}\n\
         \x20 Cache Assets           off\n\
         SSL\n\
         \x20 SSL Certificate        Request a new Certificate (or one of yours)\n\
         \x20 Force SSL              on\n\
         \x20 HTTP/2 Support         on\n\
         \x20 HSTS Enabled           off (Latchkey says it where it is safe)\n",
        base = base.as_str(),
        host = base.host(),
        port = to.port()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(proxy: &str, base: &str, listen: &str) -> String {
        snippet(proxy.parse().expect(proxy), &BaseUrl::parse(base).expect(base), listen.parse().expect(listen))
    }

    #[test]
    fn each_names_the_base_url_and_where_we_listen() {
        for proxy in ["caddy", "traefik", "nginx", "npm"] {
            let text = of(proxy, "https://auth.home.example", "192.168.1.5:8410");
            for part in ["https://auth.home.example", "auth.home.example", "192.168.1.5", "8410", "--trusted-proxies"] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
        assert_eq!("apache".parse::<Proxy>().map_err(|e| e.0), Err("apache".into()));
    }

    #[test]
    fn what_listens_everywhere_is_reached_on_this_machine() {
        assert!(of("nginx", "https://a.example", "0.0.0.0:8410").contains("proxy_pass http://127.0.0.1:8410;"));
        assert!(of("caddy", "https://a.example", "[::]:8410").contains("reverse_proxy [::1]:8410"));
        assert!(of("traefik", "https://a.example", "[::1]:8410").contains("http://[::1]:8410"));
        assert!(of("npm", "https://a.example", "127.0.0.1:8410").contains("not 127.0.0.1"));
    }

    #[test]
    fn another_port_is_kept() {
        let text = of("nginx", "https://a.example:8443", "127.0.0.1:8410");
        assert!(text.contains("listen 8443 ssl;") && text.contains("return 301 https://a.example:8443$request_uri;"));
        assert!(of("caddy", "https://a.example:8443", "127.0.0.1:8410").contains("https://a.example:8443 {"));
    }
}

#include "trust_page.h"

#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/x509/oids.h>

namespace heqi::program {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view kStyle = R"(:root{color-scheme:light dark}
body{margin:0 auto;max-width:42rem;padding:1.5rem 1rem 3rem;font:1rem/1.6 system-ui,sans-serif}
h1{font-size:1.4rem;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:1.75rem 0 .25rem}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
a.get{display:inline-block;padding:.75rem 1.25rem;border:2px solid;border-radius:10px;
font-weight:600;margin:.5rem 0}
li{margin:.25rem 0}
)";

constexpr std::string_view kBefore = R"(<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>信任连接证书 · Trust this connection</title>
<link rel="stylesheet" href="/trust/style.css"></head><body><main>
<h1>信任连接证书 · Trust this connection</h1>
<p>本服务使用自己的 TLS 根证书。它只用于保护浏览器与本服务之间的连接，不用于验证合同签名。</p>
<p lang="en">This service uses a TLS root certificate of its own. It protects the connection
between the browser and this service; it does not vouch for signatures on contracts.</p>
<p>请先核对指纹（SHA-256），它与服务启动时终端所示一致才可安装。
<br>
<span lang="en">First compare the fingerprint (SHA-256) with the one that the terminal showed
when the service started.</span></p>
<p><code>)";

constexpr std::string_view kAfter = R"(</code></p>
<p><a class="get" href="/trust/heqi-tls-root.crt">下载证书 · Download the certificate</a></p>
<h2>iPhone · iPad</h2>
<ol><li>在 Safari 中下载，按提示允许安装描述文件。
<span lang="en">Download with Safari and allow the profile.</span></li>
<li>设置 → 通用 → VPN 与设备管理 → 安装。
<span lang="en">Settings → General → VPN &amp; Device Management → Install.</span></li>
<li>设置 → 通用 → 关于本机 → 证书信任设置 → 打开。
<span lang="en">Settings → General → About → Certificate Trust Settings → switch
on.</span></li></ol>
<h2>Android · HarmonyOS</h2>
<ol><li>下载证书。<span lang="en">Download the certificate.</span></li>
<li>设置 → 安全 → 加密与凭据 → 从存储设备安装 → CA 证书。
<span lang="en">Settings → Security → Encryption &amp; credentials → Install a certificate → CA
certificate.</span></li></ol>
<h2>Windows</h2>
<ol><li>打开证书 → 安装证书 → 当前用户 → 受信任的根证书颁发机构。
<span lang="en">Open it → Install → Current user → Trusted Root Certification
Authorities.</span></li></ol>
<h2>macOS</h2>
<ol><li>在“钥匙串访问”中打开，信任 → 始终信任。
<span lang="en">Open it with Keychain Access, Trust → Always Trust.</span></li></ol>
<h2>Linux · Firefox</h2>
<ol><li>设置 → 隐私与安全 → 证书 → 查看证书 → 证书颁发机构 → 导入。
<span lang="en">Settings → Privacy &amp; Security → Certificates → View → Authorities →
Import.</span></li></ol>
<p>不再使用本服务时，请在同一处删除它。
<span lang="en">Remove it at the same place when you no longer use this service.</span></p>
</main></body></html>
)";

base::Result<base::Bytes> der_of(std::string_view pem) {
  HEQI_TRY(std::vector<base::PemBlock> blocks, base::parse_pem(pem));
  if (blocks.empty()) return base::fail(base::Code::malformed, "no certificate");
  return std::move(blocks.front().der);
}

}  // namespace

std::string tls_fingerprint(std::string_view tls_root_pem) {
  const auto der = der_of(tls_root_pem);
  if (!der) return {};
  const auto digest = ossl::digest(x509::oids::sha256(), *der);
  if (!digest) return {};
  std::string out;
  for (char c : base::to_hex(*digest)) {
    if (out.size() % 3 == 2) out.push_back(':');
    out.push_back(c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

void add_trust_page(http::Router& router, const std::string& tls_root_pem) {
  const std::string page =
      std::string(kBefore) + tls_fingerprint(tls_root_pem) + std::string(kAfter);
  router.get("/trust", [page](const Request&) -> base::Result<Response> {
    return Response::bytes("text/html; charset=utf-8", base::to_bytes(page))
        .with_header("Content-Security-Policy", std::string(kPolicy));
  });
  router.get("/trust/style.css", [](const Request&) -> base::Result<Response> {
    return Response::bytes("text/css; charset=utf-8", base::to_bytes(kStyle));
  });
  router.get("/trust/heqi-tls-root.crt", [tls_root_pem](const Request&) -> base::Result<Response> {
    HEQI_TRY(base::Bytes der, der_of(tls_root_pem));
    return Response::bytes("application/x-x509-ca-cert", std::move(der))
        .with_header("Content-Disposition", "attachment; filename=\"heqi-tls-root.crt\"");
  });
}

}  // namespace heqi::program

// heqi documents serve: the document services as a service of their own.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/base/log.h>
#include <heqi/http/client.h>
#include <heqi/http/server.h>

#include "arguments.h"
#include "commands.h"
#include "document_service.h"
#include "pin_entry.h"
#include "software_key.h"
#include "tls_elsewhere.h"
#include "trust_files.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kTokenSizeMin = 16;

constexpr std::array kServeOptions{
    Option{"--token-file", "FILE", "what callers state as Bearer token (16 octets at least)",
           "调用方出示的令牌（至少 16 字节）", Need::required},
    Option{"--trust", "DIR_or_FILE", "trusted roots for verify", "验证时信任的根证书"},
    Option{"--address", "ADDRESS", "default 127.0.0.1; others need TLS",
           "监听地址，默认 127.0.0.1；其他地址需要 TLS"},
    Option{"--port", "PORT", "default 8445; 0 takes a free one",
           "端口，默认 8445；0 为任意空闲端口"},
    Option{"--tls-certificate", "PEM", "the server's certificate and chain", "TLS 证书及证书链"},
    Option{"--tls-key", "PEM", "its key", "TLS 私钥"}};

constexpr Syntax kServe{
    "heqi documents serve",
    "",
    0,
    0,
    "Answers POST /documents/v1/verify, inspect, render, fields, prepare, finish and convert\n"
    "until it is told to end. Keeps no file and has no key.",
    "提供文档服务：验证、检查、渲染、签名域、两步签名、转换；不保存文件，不持有密钥。",
    kServeOptions};

Result<std::uint16_t> port_of(const Arguments& arguments) {
  const std::string text = arguments.find("--port").value_or("8445");
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    return base::fail(Code::malformed, "--port is a port, 0…65535");
  return port;
}

Result<http::ServerOptions> read_options(const Arguments& arguments,
                                         const TlsSurroundings& around) {
  http::ServerOptions options;
  options.address = arguments.find("--address").value_or("127.0.0.1");
  HEQI_TRY(options.port, port_of(arguments));
  const auto certificate = arguments.find("--tls-certificate"), key = arguments.find("--tls-key");
  if (certificate.has_value() != key.has_value())
    return base::fail(Code::malformed, "--tls-certificate and --tls-key go together");
  if (certificate) {
    HEQI_TRY(options.tls, open_tls_identity(*certificate, *key, around));
  } else if (options.address != "127.0.0.1" && options.address != "::1") {
    return base::fail(Code::denied, options.address +
                                        ": documents and the token would be readable on the way; "
                                        "--tls-certificate and --tls-key are needed");
  }
  return options;
}

Result<int> serve(const Arguments& arguments) {
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  HEQI_TRY(const base::SecretBytes token, read_secret_file(arguments.get("--token-file")));
  if (token.size() < kTokenSizeMin)
    return base::fail(Code::malformed, "the token is shorter than 16 octets");
  HEQI_TRY(const pki::TrustStore anchors, load_trust(arguments.find("--trust")));
  HEQI_TRY(const auto randomness, make_randomness());
  base::JsonLog log(STDERR_FILENO, randomness->clock, "heqi-documents");
  HEQI_TRY(http::ServerOptions options, read_options(arguments, {randomness->clock, log}));
  const std::string scheme = options.tls ? "https://" : "http://", address = options.address;
  const DocumentService service{token, anchors, randomness->clock};
  http::Router router;
  add_document_routes(router, service);
  HEQI_TRY(const auto server,
           http::Server::start(std::move(options), router, *randomness->generator, log));
  std::printf("documents %s%s:%u%s\n", scheme.c_str(), address.c_str(), server->port(),
              std::string(kDocumentServicePath).c_str());
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&ending, &signal);
  server->stop();
  return kExitDone;
}

int print_documents_help(std::FILE* to, int code) {
  std::fputs(
      "heqi documents serve [--help]\n\n"
      "  serve     convert, render, fields, two-phase signatures, verify · 文档服务\n",
      to);
  return code;
}

}  // namespace

int run_documents(CommandLine arguments) {
  if (arguments.empty()) return print_documents_help(stderr, kExitUsage);
  if (arguments[0] == "--help") return print_documents_help(stdout, kExitDone);
  if (arguments[0] == "serve") return run_command(kServe, arguments.subspan(1), serve);
  return print_documents_help(stderr, kExitUsage);
}

}  // namespace heqi::program

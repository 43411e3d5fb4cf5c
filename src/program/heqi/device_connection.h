// device_connection.h: what a command needs to talk with a device and its platform.
#pragma once
#include <memory>
#include <optional>

#include <heqi/http/client.h>

#include "arguments.h"
#include "terminal.h"

namespace heqi::program {

inline constexpr Option kSocket{"--socket", "PATH", "the socket of heqi-device",
                                "heqi-device 的套接字", Need::required};
inline constexpr Option kServer{"--server", "URL", "the platform: https://host:port",
                                "平台地址：https://主机:端口", Need::required};
inline constexpr Option kTrust{"--trust", "PEM", "trust these TLS roots instead of the system's",
                               "信任此 TLS 根证书（代替系统根证书）"};
inline constexpr Option kPinFile{"--pin-file", "FILE", "read the PIN from a file (first line)",
                                 "从文件第一行读取 PIN"};
inline constexpr Option kPinStdin{"--pin-stdin", "", "read the PIN from standard input",
                                  "从标准输入读取 PIN"};
inline constexpr Option kFactorsFile{
    "--factors-file", "FILE", "what the key asks for beside the PIN, a line for each: passphrase=…",
    "密钥在 PIN 之外要求的要素文件，每行一项：passphrase=…"};
inline constexpr Option kJson{"--json", "", "answer in JSON", "以 JSON 输出"};
inline constexpr Option kWait{"--wait", "SECONDS",
                              "how long to wait for the platform (default 120)",
                              "等待平台的时间（秒，默认 120）"};

// Connection is everything between this process, the device and the platform.
struct Connection {
  base::SystemClock clock;
  std::optional<terminal::TerminalClient> device;
  std::unique_ptr<http::CurlFetch> fetch;
  std::optional<Terminal> terminal;
};

// make_fetch trusts the roots that --trust names, or the system's.
base::Result<std::unique_ptr<http::CurlFetch>> make_fetch(const Arguments& arguments);
// connect goes to --socket and --server, with --wait for patience.
base::Result<std::unique_ptr<Connection>> connect(const Arguments& arguments);

}  // namespace heqi::program

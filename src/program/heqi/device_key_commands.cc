#include "device_key_commands.h"

#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

#include <array>
#include <cstdio>

#include "device_connection.h"
#include "device_key.h"
#include "display_text.h"
#include "person_at_keyboard.h"

namespace heqi::program {

using base::Code;
using base::Result;
using device::LocalService;

namespace {

constexpr Option kName{"--name", "NAME", "of the key in this device", "本机密钥的名称",
                       Need::required};
constexpr std::array kMakeKeyOptions{kSocket,      kServer, kName, kPinFile, kPinStdin,
                                     kFactorsFile, kTrust,  kWait, kJson};
constexpr std::array kKeysOptions{kSocket, kJson};
constexpr std::array kRequestOptions{
    kSocket,
    kServer,
    Option{"--name", "NAME", "of the key in this device; left out: the key in two shares",
           "本机密钥的名称；省略则为双方分量密钥"},
    Option{"--subject", "NAME", "who the certificate is for", "证书持有者名称", Need::required},
    Option{"--organization", "NAME", "in the subject", "主体中的机构名称"},
    Option{"--out", "FILE", "where the request goes (PEM)", "证书请求文件（PEM）", Need::required},
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};
constexpr std::array kEndKeyOptions{
    kSocket,
    kServer,
    kName,
    Option{"--erase-for-ever", "", "yes, erase the key", "确认永久删除密钥", Need::required},
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};

// print_key is one line, or one object, of a key.
void print_key(const Arguments& arguments, const std::string& name, base::ByteView public_key) {
  if (!arguments.has("--json"))
    return print_line(stdout, base::to_hex(public_key) + "  ", printable(name));
  base::JsonWriter json;
  json.begin_object().field("name", name).field("public_key", base::to_hex(public_key));
  json.end_object();
  std::printf("%s\n", json.str().c_str());
}

// use has the device do one service for the PIN; cancelled where the person refuses.
Result<base::Bytes> use(const Arguments& arguments, LocalService service) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(Outcome outcome,
           connection->terminal->use_local_key({service, arguments.get("--name"), {}}, person));
  if (outcome.what != "local_key") return base::fail(Code::cancelled, "nothing was done");
  return std::move(outcome.result);
}

Result<x509::Name> subject_of(const Arguments& arguments) {
  std::vector<x509::Name::Wanted> wanted{{x509::oids::country(), "CN"}};
  if (const auto organization = arguments.find("--organization"))
    wanted.push_back({x509::oids::organization(), *organization});
  wanted.push_back({x509::oids::common_name(), arguments.get("--subject")});
  return x509::Name::make(wanted);
}

}  // namespace

constinit const Syntax kMakeKeySyntax{"heqi device make-key",
                                      "",
                                      0,
                                      0,
                                      "Makes an SM2 key of this device alone, for files and mail.",
                                      "生成仅存于本机模块的 SM2 密钥，用于文件和邮件。",
                                      kMakeKeyOptions};
constinit const Syntax kKeysSyntax{"heqi device keys",
                                   "",
                                   0,
                                   0,
                                   "Lists the keys of this device alone: public key and name.",
                                   "列出本机密钥：公钥和名称。",
                                   kKeysOptions};
constinit const Syntax kRequestSyntax{
    "heqi device request",
    "",
    0,
    0,
    "Makes a certificate request for such a key, or for the key that the key centre has the other "
    "share of, signed by it (PKCS#10): for any certificate authority.",
    "为本机密钥或双方分量密钥生成证书请求（PKCS#10），可向任意证书机构申请。",
    kRequestOptions};
constinit const Syntax kEndKeySyntax{
    "heqi device end-key", "", 0, 0, "Erases such a key.", "删除本机密钥。", kEndKeyOptions};

Result<int> make_key(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes public_key, use(arguments, LocalService::generate));
  print_key(arguments, arguments.get("--name"), public_key);
  return kExitDone;
}

Result<int> list_keys(const Arguments& arguments) {
  HEQI_TRY(auto device, terminal::TerminalClient::connect(arguments.get("--socket")));
  HEQI_TRY(const auto keys, device.local_keys());
  for (const device::LocalKeyLine& one : keys) print_key(arguments, one.name, one.public_key);
  return kExitDone;
}

Result<int> request_certificate(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  const std::string name = arguments.find("--name").value_or("");
  x509::CsrBody body;
  HEQI_TRY(body.subject, subject_of(arguments));
  HEQI_TRY(body.public_key, name.empty() ? find_shared_key(*connection->device)
                                         : find_local_key(*connection->device, name));
  DeviceSigner signer({*connection->device, *connection->fetch, connection->clock},
                      arguments.get("--server"), name, person, LocalService::request);
  HEQI_TRY(const base::Bytes der, x509::make_csr(body, signer));
  HEQI_TRY(base::write_file(arguments.get("--out"),
                            base::to_bytes(base::to_pem("CERTIFICATE REQUEST", der))));
  if (!arguments.has("--json")) {
    std::printf("%s\n", arguments.get("--out").c_str());
    return kExitDone;
  }
  base::JsonWriter json;
  json.begin_object().field("request", arguments.get("--out")).end_object();
  std::printf("%s\n", json.str().c_str());
  return kExitDone;
}

Result<int> end_key(const Arguments& arguments) {
  HEQI_TRY(use(arguments, LocalService::destroy));
  std::puts(arguments.has("--json") ? "{\"outcome\":\"erased\"}" : "erased / 已删除");
  return kExitDone;
}

}  // namespace heqi::program

#include "platform.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/sql/database.h>

#include "demo_client.h"
#include "free_port.h"

namespace heqi::demo {
namespace {

base::Bytes bytes(const std::string& text) {
  return base::to_bytes(text);
}

}  // namespace

std::string Answer::text(std::string_view name) const {
  const http::Json* member = json.find(name);
  return member != nullptr && member->text() != nullptr ? *member->text() : "";
}

base::Status Platform::start(const std::string& address) {
  HEQI_TRY(const std::uint16_t port, program::free_port());
  HEQI_TRY(const std::uint16_t signing_port, program::free_port());
  HEQI_TRY(const std::uint16_t pki_port, program::free_port());
  port_ = port;
  HEQI_TRY(program::Process process,
           program::Process::start(
               {HEQI_PROGRAM, "serve", "--embedded", folder() + "/p", "--address", address,
                "--port", std::to_string(port), "--signing-port", std::to_string(signing_port),
                "--pki-port", std::to_string(pki_port)},
               folder() + "/platform.log"));
  process_.emplace(std::move(process));
  HEQI_TRY(program::wait_for_port(port, *process_, std::chrono::seconds(60), address));
  HEQI_TRY(const base::Bytes pem, base::read_file(folder() + "/p/data/tls/root.pem", 65'536));
  fetch_ = std::make_unique<http::CurlFetch>(
      http::ClientOptions{.trusted_pem = std::string(base::text_of(pem))});
  server_ = "https://" + address + ":" + std::to_string(port);
  pki_ = "http://127.0.0.1:" + std::to_string(pki_port);
  HEQI_TRY(sign_in());
  return add_person();
}

base::Status Platform::serve_again(const std::string& setting, const std::string& value) {
  process_.reset();
  const std::string file = folder() + "/p/heqi.toml";
  HEQI_TRY(const base::Bytes settings, base::read_file(file, 65'536));
  std::string text(base::text_of(settings));
  const std::size_t at = text.find(setting + " = ");
  if (at == std::string::npos) return base::fail(base::Code::not_found, setting);
  text.replace(at, text.find('\n', at) - at, setting + " = \"" + value + "\"");
  HEQI_TRY(base::write_file(file, base::bytes_of(text)));
  const std::string module =
      std::filesystem::path(HEQI_PROGRAM).parent_path() / "../heqi_module/heqi-module";
  HEQI_TRY(program::Process centre,
           program::Process::start({module, "--config", folder() + "/p/heqi-module.toml"},
                                   folder() + "/module.log"));
  module_.emplace(std::move(centre));
  HEQI_TRY(
      program::wait_for_socket(folder() + "/p/module.socket", *module_, std::chrono::seconds(60)));
  HEQI_TRY(program::Process process,
           program::Process::start({HEQI_PROGRAM, "serve", "--config", file},
                                   folder() + "/platform.log"));
  process_.emplace(std::move(process));
  return program::wait_for_port(port_, *process_, std::chrono::seconds(60));
}

void Platform::kill() {
  for (std::optional<program::Process>* one : {&process_, &module_}) {
    if (!*one) continue;
    ::kill((*one)->id(), SIGKILL);
    one->reset();
  }
}

base::Result<std::string> Platform::add_user(const std::string& email, const std::string& role) {
  const std::string known = R"("email":")" + email + R"(","password":"a long password")";
  HEQI_TRY(const Answer added,
           ask("POST", "/api/v1/users", bytes("{" + known + R"(,"role":")" + role + "\"}")));
  if (added.status != 201) return base::fail(base::Code::denied, added.text("detail"));
  HEQI_TRY(const Answer session, ask("POST", "/api/v1/sessions", bytes("{" + known + "}")));
  return session.text("token");
}

base::Status Platform::sign_in() {
  HEQI_TRY(const base::Bytes log, base::read_file(folder() + "/platform.log", 1 << 24));
  const std::string text(base::text_of(log)), label = "/#/setup/";
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return base::fail(base::Code::not_found, "no set-up link");
  const std::size_t from = at + label.size();
  base::JsonWriter json;
  json.begin_object()
      .field("token", text.substr(from, text.find('\n', from) - from))
      .field("email", "admin@heqi.invalid")
      .field("password", "a long password")
      .end_object();
  HEQI_TRY(const Answer answer, ask("POST", "/api/v1/setup", bytes(json.str())));
  token_ = answer.text("token");
  if (token_.empty()) return base::fail(base::Code::unauthenticated, answer.text("detail"));
  return {};
}

base::Status Platform::add_person() {
  HEQI_TRY(
      const Answer person,
      ask("POST", "/api/v1/persons",
          bytes(R"({"name":"张三","email":"z@example.cn","id_number":"11010519491231002X"})")));
  person_ = person.text("id");
  const http::Json* check = person.json.find("verification");
  if (check == nullptr) return base::fail(base::Code::malformed, person.text("detail"));
  const Answer verification{0, "", *check};
  HEQI_TRY(ask("POST", "/api/v1/verifications/" + verification.text("id") + "/evidence",
               bytes("{\"evidence\":\"" + verification.text("challenge") + "\"}")));
  return {};
}

base::Result<std::string> Platform::authorise() {
  HEQI_TRY(const Answer asked, ask("POST", "/api/v1/persons/" + person_ + "/authorisations", {}));
  if (asked.status / 100 != 2) return base::fail(base::Code::denied, asked.text("detail"));
  HEQI_TRY(const auto outbox, base::open_folder(folder() + "/p/data/outbox"));
  return program::Mailbox(*outbox).wait_for("authorisation_code", "z@example.cn", program::is_code,
                                            std::chrono::seconds(60));
}

base::Result<Answer> Platform::ask(const std::string& method, const std::string& path,
                                   base::Bytes body, const std::string& content_type) {
  base::FetchRequest request;
  request.method = method;
  request.url = server_ + path;
  request.headers.emplace_back("Content-Type", content_type);
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  request.body = std::move(body);
  request.timeout = std::chrono::seconds(60);
  HEQI_TRY(const base::FetchAnswer got, fetch_->fetch(request));
  Answer answer{got.status, got.content_type, {}};
  if (!got.body.empty()) {
    HEQI_TRY(answer.json, http::parse_json(got.body));
  }
  return answer;
}

base::Result<Answer> Platform::upload(base::ByteView document) {
  const std::string boundary = "heqi-7c1de0";
  base::Bytes body =
      bytes("--" + boundary +
            "\r\nContent-Disposition: form-data; name=\"contract\"\r\n"
            "Content-Type: application/json\r\n\r\n" +
            R"({"title":"上传","parties":[{"person":")" + person_ + "\"}]}\r\n--" + boundary +
            "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n"
            "Content-Type: application/pdf\r\n\r\n");
  base::append(body, document);
  base::append(body, base::bytes_of("\r\n--" + boundary + "--\r\n"));
  return ask("POST", "/api/v1/contracts", std::move(body),
             "multipart/form-data; boundary=" + boundary);
}

base::Result<Platform::Traces> Platform::look() {
  Traces traces;
  HEQI_TRY(const auto database, sql::Database::open({.url = "sqlite:" + folder() + "/p/heqi.db"}));
  HEQI_TRY(traces.rows,
           database->with_snapshot(
               [](sql::Transaction& tx) -> base::Result<std::map<std::string, std::int64_t>> {
                 std::map<std::string, std::int64_t> rows;
                 HEQI_TRY(const auto tables,
                          tx.query("SELECT name FROM sqlite_master WHERE type = 'table'"));
                 for (const sql::Row& table : tables) {
                   HEQI_TRY(const sql::Row count,
                            tx.get_row("SELECT count(*) FROM \"" + table.text(0) + "\""));
                   rows[table.text(0)] = count.int64(0);
                 }
                 return rows;
               }));
  std::error_code error;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder() + "/p/data/blobs", error))
    traces.blobs.push_back(entry.path().string());
  std::sort(traces.blobs.begin(), traces.blobs.end());
  return traces;
}

}  // namespace heqi::demo

#include "demo_client.h"

#include <unistd.h>

#include <algorithm>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/services/notify/mail.h>

namespace heqi::program {
namespace {

constexpr useconds_t kPause = 50'000;  // microseconds between two looks into the mailbox

// problem_of turns problem+json back into an error of the registry.
base::Error problem_of(const base::FetchAnswer& answer) {
  const auto json = http::parse_json(answer.body);
  if (!json)
    return base::fail(base::Code::unavailable, "HTTP status " + std::to_string(answer.status));
  const http::Json* id = json->find("id");
  const http::Json* detail = json->find("detail");
  const auto code =
      id != nullptr && id->text() != nullptr ? base::find_error(*id->text()) : std::nullopt;
  return base::fail(code.value_or(base::Code::internal),
                    detail != nullptr && detail->text() != nullptr ? *detail->text() : "");
}

base::Result<std::string> text_at(const http::Json& json, std::string_view name) {
  const http::Json* found = json.find(name);
  if (found == nullptr || found->text() == nullptr)
    return base::fail(base::Code::malformed, "the answer has no " + std::string(name));
  return *found->text();
}

}  // namespace

base::Result<base::FetchAnswer> DeskClient::send(const std::string& method, const std::string& path,
                                                 base::ByteView body,
                                                 const std::string& content_type) {
  base::FetchRequest request;
  request.method = method;
  request.url = server_ + path;
  if (!content_type.empty()) request.headers.emplace_back("Content-Type", content_type);
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  request.body = base::to_bytes(body);
  request.timeout = std::chrono::seconds(60);
  request.answer_size_max = std::size_t{128} << 20;
  HEQI_TRY(base::FetchAnswer answer, fetch_.fetch(request));
  if (answer.status >= 400) return problem_of(answer);
  return answer;
}

base::Result<http::Json> DeskClient::ask(const std::string& method, const std::string& path,
                                         std::string body, const std::string& content_type) {
  HEQI_TRY(const base::FetchAnswer answer,
           send(method, path, base::bytes_of(body), body.empty() ? "" : content_type));
  if (answer.body.empty()) return http::Json();
  return http::parse_json(answer.body);
}

base::Status DeskClient::set_up(std::string_view log, const std::string& email,
                                const std::string& password) {
  constexpr std::string_view label = "/#/setup/";
  const std::size_t at = log.find(label);
  if (at == std::string_view::npos)
    return base::fail(base::Code::not_found, "no set-up link was printed");
  const std::string_view rest = log.substr(at + label.size());
  base::JsonWriter json;
  json.begin_object()
      .field("token", rest.substr(0, rest.find('\n')))
      .field("email", email)
      .field("password", password)
      .end_object();
  HEQI_TRY(const http::Json answer, ask("POST", "/api/v1/setup", json.str()));
  HEQI_TRY(token_, text_at(answer, "token"));
  return {};
}

base::Status DeskClient::sign_in(const std::string& email, const std::string& password) {
  base::JsonWriter json;
  json.begin_object().field("email", email).field("password", password).end_object();
  HEQI_TRY(const http::Json answer, ask("POST", "/api/v1/sessions", json.str()));
  HEQI_TRY(token_, text_at(answer, "token"));
  return {};
}

base::Result<std::string> DeskClient::add_person(const std::string& name, const std::string& email,
                                                 const std::string& id_number) {
  base::JsonWriter json;
  json.begin_object()
      .field("name", name)
      .field("email", email)
      .field("id_number", id_number)
      .end_object();
  HEQI_TRY(const http::Json person, ask("POST", "/api/v1/persons", json.str()));
  const http::Json* verification = person.find("verification");
  if (verification == nullptr) return base::fail(base::Code::malformed, "no verification");
  HEQI_TRY(const std::string verification_id, text_at(*verification, "id"));
  HEQI_TRY(const std::string challenge, text_at(*verification, "challenge"));
  base::JsonWriter evidence;
  evidence.begin_object().field("evidence", challenge).end_object();
  HEQI_TRY(ask("POST", "/api/v1/verifications/" + verification_id + "/evidence", evidence.str()));
  return text_at(person, "id");
}

base::Status DeskClient::authorise(const std::string& person) {
  HEQI_TRY(ask("POST", "/api/v1/persons/" + person + "/authorisations", ""));
  return {};
}

base::Result<std::string> DeskClient::create_contract(const std::string& title,
                                                      base::ByteView document,
                                                      const std::vector<std::string>& persons) {
  base::JsonWriter json;
  json.begin_object().field("title", title).field("order", "any").key("parties").begin_array();
  for (const std::string& person : persons)
    json.begin_object().field("person", person).end_object();
  json.end_array().end_object();
  const std::string boundary = "heqi-demo-7f3a91c2";
  base::Bytes body =
      base::to_bytes("--" + boundary +
                     "\r\nContent-Disposition: form-data; name=\"contract\"\r\n"
                     "Content-Type: application/json\r\n\r\n" +
                     json.str() + "\r\n--" + boundary +
                     "\r\nContent-Disposition: form-data; name=\"file\"; "
                     "filename=\"contract.pdf\"\r\nContent-Type: application/pdf\r\n\r\n");
  base::append(body, document);
  base::append(body, base::bytes_of("\r\n--" + boundary + "--\r\n"));
  HEQI_TRY(const base::FetchAnswer answer,
           send("POST", "/api/v1/contracts", body, "multipart/form-data; boundary=" + boundary));
  HEQI_TRY(const http::Json contract, http::parse_json(answer.body));
  return text_at(contract, "id");
}

base::Status DeskClient::start_contract(const std::string& id) {
  HEQI_TRY(ask("POST", "/api/v1/contracts/" + id + "/start", ""));
  return {};
}

base::Status DeskClient::wait_for_signatures(const std::string& id, std::size_t count,
                                             base::Duration patience) {
  const base::SystemClock clock;
  const base::Duration end = clock.steady() + patience;
  while (clock.steady() < end) {
    HEQI_TRY(const http::Json contract,
             ask("GET", "/api/v1/contracts/" + id + "?signatures=" + std::to_string(count), ""));
    const http::Json* parties = contract.find("parties");
    if (parties == nullptr || parties->array() == nullptr)
      return base::fail(base::Code::malformed, "the answer has no parties");
    std::size_t have = 0;
    for (const http::Json& party : *parties->array()) {
      HEQI_TRY(const std::string state, text_at(party, "state"));
      have += state == "signed" ? 1 : 0;
    }
    if (have >= count) return {};
  }
  return base::fail(base::Code::timeout, "the signature was not taken in");
}

base::Status DeskClient::wait_for_state(const std::string& id, const std::string& state,
                                        base::Duration patience) {
  const base::SystemClock clock;
  const base::Duration end = clock.steady() + patience;
  while (clock.steady() < end) {
    HEQI_TRY(const http::Json contract,
             ask("GET", "/api/v1/contracts/" + id + "?state=" + state, ""));
    HEQI_TRY(const std::string now, text_at(contract, "state"));
    if (now == state) return {};
    if (now != "signing" && now != "completing")
      return base::fail(base::Code::conflict, "the contract is " + now);
  }
  return base::fail(base::Code::timeout, "the contract is not " + state);
}

base::Result<base::Bytes> DeskClient::download(const std::string& id) {
  HEQI_TRY(base::FetchAnswer answer, send("GET", "/api/v1/contracts/" + id + "/document", {}, ""));
  return std::move(answer.body);
}

base::Result<std::string> Mailbox::wait_for(std::string_view kind, std::string_view address,
                                            bool (*is_wanted)(std::string_view line),
                                            base::Duration patience) {
  for (base::Duration waited{0}; waited < patience; waited += base::Duration(kPause)) {
    HEQI_TRY(const std::vector<std::string> names, folder_.list(""));
    for (const std::string& name : names) {
      HEQI_TRY(const base::Bytes content, folder_.read(name, 1 << 20));
      HEQI_TRY(const services::notify::Mail mail, services::notify::parse_mail(content));
      if (mail.label != kind || mail.to_address != address) continue;
      for (std::string_view line : base::split(mail.body, '\n'))
        if (is_wanted(base::trim(line))) return std::string(base::trim(line));
    }
    ::usleep(kPause);
  }
  return base::fail(base::Code::timeout,
                    "no notice " + std::string(kind) + " to " + std::string(address));
}

bool is_link(std::string_view line) {
  return line.starts_with("https://");
}

bool is_code(std::string_view line) {
  return line.size() >= 23 && std::count(line.begin(), line.end(), '-') == 3 &&
         std::all_of(line.begin(), line.end(), [](char c) {
           return c == '-' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace heqi::program

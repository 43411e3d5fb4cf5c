// api_fixture.h: the REST interface without a network, with users, an application and a person.
#pragma once
#include <heqi/base/text.h>
#include <heqi/http/json.h>
#include <heqi/services/identity/signed_request.h>

#include "phone.h"

namespace heqi::api {

using base::Code;
using http::Method;
using http::Request;
using http::Response;
using testing::must;

inline constexpr std::string_view kPassword = "correct horse battery";

inline http::Json json_of(const Response& response) {
  return must(http::parse_json(response.body));
}
inline std::string text_at(const Response& response, std::string_view name) {
  const http::Json json = json_of(response);
  const http::Json* found = json.find(name);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

// is_problem expects problem+json with an id of the registry and texts in both languages.
inline void expect_problem(const Response& response, Code code, const std::string& where = {}) {
  const base::ErrorText& text = base::error_text(code);
  EXPECT_EQ(response.status, text.http_status) << where << base::text_of(response.body);
  EXPECT_EQ(response.content_type, "application/problem+json") << where;
  if (response.content_type != "application/problem+json") return;
  EXPECT_EQ(text_at(response, "id"), text.id) << where;
  EXPECT_FALSE(text_at(response, "text_zh").empty()) << where;
  EXPECT_FALSE(text_at(response, "text_en").empty()) << where;
}

struct Api : ::testing::Test {
  testing::House house;
  crypto::PrivateKey bank_key = must(crypto::PrivateKey::generate(house.random));

  Request make(Method method, std::string target, std::string body = {}) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    request.body = base::to_bytes(body);
    request.peer_address = "127.0.0.1";
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    return request;
  }
  Response answer(Request request) {
    const http::Router& router =
        request.target.starts_with("/s/") ? house.services->signing_router : house.services->router;
    return router.answer(std::move(request));
  }
  Response ask(Method method, std::string target, std::string body = {},
               const std::string& token = {}) {
    Request request = make(method, std::move(target), std::move(body));
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    return answer(std::move(request));
  }
  std::string add_user(const std::string& email, services::identity::Role role) {
    return must(house.services->accounts.add({.email = email, .role = role},
                                             testing::pin_of(kPassword)))
        .id;
  }
  std::string sign_in(const std::string& email) {
    return text_at(
        ask(Method::post, "/api/v1/sessions",
            R"({"email":")" + email + R"(","password":")" + std::string(kPassword) + "\"}"),
        "token");
  }
  std::string member() {
    add_user("member@example.cn", services::identity::Role::member);
    return sign_in("member@example.cn");
  }
  std::string administrator() {
    add_user("admin@example.cn", services::identity::Role::administrator);
    return sign_in("admin@example.cn");
  }
  // open_link asks for the one-time code of a link and gives the session that the newest one opens.
  std::string open_link(const std::string& link, const std::string& address) {
    EXPECT_EQ(ask(Method::post, "/s/" + link + "/code").status, 202);
    house.settle();
    const auto mails = house.mails("one_time_code", address);
    EXPECT_EQ(mails.size(), 1u) << "which one is the newest?";
    std::string code;
    for (const std::string_view line : base::split(mails.empty() ? "" : mails[0].body, '\n'))
      if (line.size() == 6 && line.find_first_not_of("0123456789") == std::string_view::npos)
        code = line;
    return text_at(ask(Method::post, "/s/" + link + "/session", R"({"code":")" + code + "\"}"),
                   "session");
  }
  // keep lets a user have a person as if they had added them.
  void keep(const std::string& person, const std::string& email) {
    EXPECT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
      return tx.execute(
          "INSERT INTO identity_keepers (person_id, keeper) SELECT ?1, 'user:' || "
          "user_id FROM identity_users WHERE email = ?2",
          person, email);
    }));
  }
  // cookie_of signs in as a browser does.
  std::string cookie_of(const std::string& email) {
    const Response answer = ask(Method::post, "/api/v1/sessions",
                                R"({"keep":"cookie","email":")" + email + R"(","password":")" +
                                    std::string(kPassword) + "\"}");
    for (const auto& [name, value] : answer.headers)
      if (name == "Set-Cookie") return value.substr(0, value.find(';'));
    return {};
  }
  // add_bank gives the application that the house has already a key of its own.
  void add_bank() {
    const auto key = bank_key.public_key().encode();
    ASSERT_OK(house.services->applications.add_key("bank", "1", key));
  }
  // signed_by_bank is a request with the header fields of an application.
  Request signed_by_bank(Method method, const std::string& target, std::string body = {}) {
    base::FetchRequest fetch;
    fetch.method = http::method_name(method);
    fetch.url = "https://heqi.test" + target;
    fetch.body = base::to_bytes(body);
    EXPECT_OK(services::identity::sign_request(fetch, "bank", "1", bank_key, house.clock.now(),
                                               house.random));
    Request request = make(method, target, std::move(body));
    for (auto [name, value] : fetch.headers) {
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      request.headers.emplace_back(std::move(name), std::move(value));
    }
    return request;
  }
  Request form(const std::string& description, base::ByteView file, const std::string& token) {
    Request request;
    request.method = Method::post;
    request.target = "/api/v1/contracts";
    request.headers = {{"content-type", "multipart/form-data; boundary=b0undary"},
                       {"authorization", "Bearer " + token}};
    request.body = base::to_bytes(
        "--b0undary\r\nContent-Disposition: form-data; name=\"contract\"\r\n"
        "Content-Type: application/json\r\n\r\n" +
        description +
        "\r\n--b0undary\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n");
    base::append(request.body, file);
    base::append(request.body, base::bytes_of("\r\n--b0undary--\r\n"));
    return request;
  }
};

struct ApiContracts : Api {
  std::string token = member();
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  testing::Phone phone{house};

  ApiContracts() {
    EXPECT_OK(phone.enrol(house.code_for(zhang)));
    keep(zhang, "member@example.cn");
  }
  std::string description() {
    return R"({"title":"租赁合同","order":"any","parties":[{"person":")" + zhang + "\"}]}";
  }
};

}  // namespace heqi::api

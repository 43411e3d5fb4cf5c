#include "answer_head.h"

#include <gtest/gtest.h>

namespace heqi::http {
namespace {

std::string head_of(const Response& response, HeadFacts facts = {}) {
  facts.request_id = "r-1";
  return encode_head(response, facts);
}
bool has(const std::string& head, const std::string& line) {
  return head.find("\r\n" + line + "\r\n") != std::string::npos;
}
std::size_t count(const std::string& head, const std::string& name) {
  std::size_t found = 0;
  for (std::size_t at = head.find("\r\n" + name + ":"); at != std::string::npos;
       at = head.find("\r\n" + name + ":", at + 1))
    ++found;
  return found;
}

TEST(AnswerHead, StatesStatusLengthTypeAndId) {
  HeadFacts facts;
  facts.keeps_alive = true;
  const std::string head = head_of(Response::text("hello"), facts);
  EXPECT_EQ(head.substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(head.substr(head.size() - 4), "\r\n\r\n");
  EXPECT_TRUE(has(head, "Content-Length: 5"));
  EXPECT_TRUE(has(head, "Content-Type: text/plain; charset=utf-8"));
  EXPECT_TRUE(has(head, "X-Request-Id: r-1"));
  EXPECT_EQ(count(head, "Connection"), 0U);
}

TEST(AnswerHead, TheHandlersOwnSecurityHeaderStandsAlone) {
  const Response own = Response::text("x").with_header("cache-CONTROL", "max-age=60");
  const std::string head = head_of(own);
  EXPECT_TRUE(has(head, "cache-CONTROL: max-age=60"));
  EXPECT_EQ(count(head, "Cache-Control"), 0U);
  EXPECT_TRUE(has(head, "X-Content-Type-Options: nosniff"));
  EXPECT_EQ(count(head, "Strict-Transport-Security"), 0U);
  HeadFacts tls;
  tls.over_tls = true;
  EXPECT_EQ(count(head_of(own, tls), "Strict-Transport-Security"), 1U);
}

TEST(AnswerHead, AHandlerDoesNotStateWhatTheTransportStates) {
  const Response sly = Response::text("x")
                           .with_header("Content-Length", "9")
                           .with_header("transfer-encoding", "chunked")
                           .with_header("Connection", "keep-alive")
                           .with_header("X-Request-Id", "another")
                           .with_header("Content-Type", "text/html");
  const std::string head = head_of(sly);
  EXPECT_TRUE(has(head, "Content-Length: 1"));
  EXPECT_EQ(count(head, "Content-Length"), 1U);
  EXPECT_EQ(count(head, "transfer-encoding"), 0U);
  EXPECT_TRUE(has(head, "Connection: close"));
  EXPECT_EQ(head.find("another"), std::string::npos);
  EXPECT_EQ(head.find("text/html"), std::string::npos);
}

TEST(AnswerHead, RepeatedFieldsStayApart) {
  const Response two =
      Response::empty().with_header("Set-Cookie", "a=1").with_header("Set-Cookie", "b=2");
  EXPECT_EQ(count(head_of(two), "Set-Cookie"), 2U);
}

TEST(AnswerHead, SomeAnswersHaveNoBody) {
  for (const int status : {204, 304}) {
    EXPECT_FALSE(sends_body(Response::empty(status), Method::get));
    EXPECT_EQ(count(head_of(Response::empty(status)), "Content-Length"), 0U);
  }
  HeadFacts asked;
  asked.method = Method::head;
  EXPECT_FALSE(sends_body(Response::text("hello"), Method::head));
  EXPECT_TRUE(has(head_of(Response::text("hello"), asked), "Content-Length: 5"));
  EXPECT_TRUE(sends_body(Response::text("hello"), Method::post));
  EXPECT_TRUE(has(head_of(Response::empty(200)), "Content-Length: 0"));
}

TEST(AnswerHead, OldClientsAreToldThatTheConnectionStays) {
  HeadFacts old;
  old.version = 10;
  EXPECT_EQ(head_of(Response::text("x"), old).substr(0, 9), "HTTP/1.0 ");
  EXPECT_EQ(count(head_of(Response::text("x"), old), "Connection"), 0U);
  old.keeps_alive = true;
  EXPECT_TRUE(has(head_of(Response::text("x"), old), "Connection: keep-alive"));
}

TEST(AnswerHead, WhatCouldEndTheHeadEarlyIsNotWritable) {
  EXPECT_TRUE(is_writable(Response::text("x").with_header("A", "b\tc")));
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"A", "b\r\nC: d"},
                                    {"A\r\nB", "c"},
                                    {"A: B", "c"},
                                    {"A ", "c"},
                                    {"", "c"},
                                    {"A", std::string("b\0c", 3)}})
    EXPECT_FALSE(is_writable(Response::text("x").with_header(name, value))) << name << value;
  EXPECT_FALSE(is_writable(Response::bytes("text/plain\r\nA: b", {})));
  EXPECT_FALSE(is_writable(Response::empty(199)));
  EXPECT_FALSE(is_writable(Response::empty(600)));
}

}  // namespace
}  // namespace heqi::http

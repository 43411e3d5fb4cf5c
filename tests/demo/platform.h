// platform.h: a platform of its own (heqi serve --embedded) with somebody signed in.
#pragma once
#include <heqi/http/client.h>
#include <heqi/http/json.h>
#include <heqi/testing/seeded.h>

#include <map>
#include <optional>
#include <string>

#include "process.h"

namespace heqi::demo {

// Answer is what a request got.
struct Answer {
  int status = 0;
  std::string content_type;
  http::Json json;
  // text is a text member of the JSON object; empty where there is none.
  std::string text(std::string_view name) const;
};

class Platform {
 public:
  // start fails as its steps do; the log is in folder()/platform.log. It listens on address, one of
  // this host.
  base::Status start(const std::string& address = "127.0.0.1");
  std::string folder() const { return folder_.path(); }
  std::string url() const { return server_; }
  std::string pki_url() const { return pki_; }
  // authorise gives the code that the person's device is enrolled with.
  base::Result<std::string> authorise();
  // serve_again ends the platform and serves it anew by its configuration file, with one setting
  // changed, as an operator does it.
  base::Status serve_again(const std::string& setting, const std::string& value);
  // id is the serving process's; kill ends it and its heqi-module at once, without a word.
  pid_t id() const { return process_->id(); }
  void kill();
  // add_user makes a user of the desk and gives the token of a session; act_as asks with a token
  // from then on.
  base::Result<std::string> add_user(const std::string& email, const std::string& role);
  std::string token() const { return token_; }
  void act_as(std::string token) { token_ = std::move(token); }

  base::Result<Answer> ask(const std::string& method, const std::string& path, base::Bytes body,
                           const std::string& content_type = "application/json");
  // upload asks for a contract with one party over document.
  base::Result<Answer> upload(base::ByteView document);

  // Traces is what is on disk: the number of rows of each table, the names of the blobs.
  struct Traces {
    std::map<std::string, std::int64_t> rows;
    std::vector<std::string> blobs;
    bool operator==(const Traces&) const = default;
  };
  base::Result<Traces> look();

 private:
  base::Status sign_in();
  base::Status add_person();

  testing::TemporaryFolder folder_;
  std::optional<program::Process> module_, process_;
  std::unique_ptr<http::CurlFetch> fetch_;
  std::string server_, pki_, token_, person_;
  std::uint16_t port_ = 0;
};

}  // namespace heqi::demo

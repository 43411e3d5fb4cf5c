// demo_client.h: the desk's side of the demo: a client of the REST interface, and a reader of the
// notices.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/http/client.h>
#include <heqi/http/json.h>

namespace heqi::program {

// DeskClient talks to the platform as a signed-in user.
class DeskClient {
 public:
  DeskClient(std::string server, std::string trusted_pem)
      : server_(std::move(server)), fetch_({.trusted_pem = std::move(trusted_pem)}) {}

  // set_up makes the first administrator with the link that the platform printed into log, and
  // signs in. Fails with not_found where no link is in it.
  base::Status set_up(std::string_view log, const std::string& email, const std::string& password);
  base::Status sign_in(const std::string& email, const std::string& password);
  // add_person adds a person and passes the sandbox's check; returns the person's id.
  base::Result<std::string> add_person(const std::string& name, const std::string& email,
                                       const std::string& id_number);
  base::Status authorise(const std::string& person);
  // create_contract uploads document for the persons; returns the contract's id.
  base::Result<std::string> create_contract(const std::string& title, base::ByteView document,
                                            const std::vector<std::string>& persons);
  base::Status start_contract(const std::string& id);
  // wait_for_signatures waits until count parties have signed.
  base::Status wait_for_signatures(const std::string& id, std::size_t count,
                                   base::Duration patience);
  // wait_for_state waits until the contract is in this state; conflict where it ends in another.
  base::Status wait_for_state(const std::string& id, const std::string& state,
                              base::Duration patience);
  base::Result<base::Bytes> download(const std::string& id);

  base::Fetch& fetch() { return fetch_; }

 private:
  base::Result<http::Json> ask(const std::string& method, const std::string& path, std::string body,
                               const std::string& content_type = "application/json");
  base::Result<base::FetchAnswer> send(const std::string& method, const std::string& path,
                                       base::ByteView body, const std::string& content_type);

  std::string server_, token_;
  http::CurlFetch fetch_;
};

// Mailbox reads the notices that the platform files as .eml.
class Mailbox {
 public:
  explicit Mailbox(const base::FileStore& folder) : folder_(folder) {}
  // wait_for returns the line of the newest notice of kind to address that is_wanted takes (a code,
  // a link). Fails with timeout.
  base::Result<std::string> wait_for(std::string_view kind, std::string_view address,
                                     bool (*is_wanted)(std::string_view line),
                                     base::Duration patience);

 private:
  const base::FileStore& folder_;
};

bool is_link(std::string_view line);
bool is_code(std::string_view line);

}  // namespace heqi::program

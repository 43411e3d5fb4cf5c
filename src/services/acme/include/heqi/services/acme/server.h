// heqi/services/acme/server.h: answers ACME clients (RFC 8555): accounts, orders, challenges over
// HTTP (http-01), certificates.
#pragma once
#include <heqi/base/fetch.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/services/acme/payloads.h>
#include <heqi/sql/database.h>

namespace heqi::services::acme {

// docs/limits.md
inline constexpr base::Duration kNonceLifetime = std::chrono::hours(1);
inline constexpr base::Duration kOrderLifetime = std::chrono::hours(24 * 7);
inline constexpr std::size_t kNoncesMax = 10'000;  // open ones; beyond, the oldest are void

// Issuer is the certificate authority (a port).
class Issuer {
 public:
  virtual ~Issuer() = default;
  struct Issued {
    base::Bytes serial;
    std::string chain_pem;  // the server's certificate first
  };
  // issue certifies the key of csr for exactly these names; the same order gets the same
  // certificate.
  virtual base::Result<Issued> issue(const std::string& order, const std::string& account,
                                     const std::vector<std::string>& names, base::ByteView csr) = 0;
  virtual base::Result<std::string> chain_of(base::ByteView serial) = 0;
  virtual base::Status revoke(base::ByteView serial, std::int64_t reason) = 0;
};

struct ServerOptions {
  std::string base_url;               // "https://ca.example/acme"
  std::uint16_t challenge_port = 80;  // other than 80 in tests only
};

// Answer is what goes back; every one of them gets a new nonce.
struct Answer {
  int status = 200;
  std::string content_type, body, location;
  std::string up = {};  // Link rel="up": of a challenge its authorization
};

class Server {
 public:
  Server(sql::Database& database, Issuer& issuer, base::Fetch& fetch, ServerOptions options,
         const base::Clock& clock, base::Random& random, base::Log& log);

  // directory is unsigned; make_nonce is for the header Replay-Nonce.
  Answer directory() const;
  base::Result<std::string> make_nonce();

  // post answers a signed request to base_url + path ("/new-order"). Never fails: what is wrong is
  // in the answer, as a problem document with an ACME error type.
  Answer post(std::string_view path, base::ByteView body);

 private:
  struct Account {
    std::string id;
    x509::PublicKeyInfo public_key;
    std::string thumbprint, status;
  };
  struct Order;
  struct Authorization;

  base::Result<Answer> act(std::string_view path, base::ByteView body);
  base::Status spend_nonce(const std::string& nonce);
  base::Result<Account> find_account(const std::string& url);
  base::Result<Answer> new_account(const Jws& jws);
  base::Result<Answer> update_account(const Account& account, const std::string& id,
                                      const Jws& jws);
  base::Result<Answer> change_key(const Account& account, const Jws& jws);
  base::Result<Answer> new_order(const Account& account, const Jws& jws);
  base::Result<Answer> finalize(const Account& account, const std::string& id, const Jws& jws);
  base::Result<Answer> answer_challenge(const Account& account, const std::string& id);
  base::Result<Answer> certificate(const Account& account, const std::string& id);
  base::Result<Answer> revoke(const Jws& jws);

  base::Result<Order> get_order(const Account& account, const std::string& id);
  base::Result<Authorization> get_authorization(const Account& account, const std::string& id);
  base::Status look_at(const Authorization& authorization, const Account& account);
  Answer show(const Order& order) const;
  Answer show(const Authorization& authorization) const;
  Answer show(const Account& account, std::string_view contact) const;
  std::string challenge_json(const Authorization& authorization) const;

  sql::Database& database_;
  Issuer& issuer_;
  base::Fetch& fetch_;
  ServerOptions options_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::acme

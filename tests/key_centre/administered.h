// administered.h: the administrator at the key centre of a House.
#pragma once
#include <heqi/cosign/server_share.h>

#include "joined.h"
#include "pin.h"

namespace heqi::joined {

using keys::Act;
using keys::Administration;

inline constexpr std::string_view kPassword = "correct horse 合契";

inline base::SecretBytes secret_of(std::string_view text) {
  return base::SecretBytes::copy_of(base::bytes_of(text));
}

// Desk is a session of the administrator, who has changed the first password.
class Desk {
 public:
  explicit Desk(Centre& centre) : centre_(centre) {
    const std::string first(
        base::text_of(centre.wrapping_files.files.at("administrator-password")));
    EXPECT_OK(sign_in(first));
    EXPECT_OK(act({.act = Act::change_password,
                   .secret = secret_of(first),
                   .new_secret = secret_of(kPassword)}));
    EXPECT_OK(sign_in(kPassword));
  }
  // act is done with the session's token; what it gave is kept.
  base::Result<base::Bytes> act(Administration asked) {
    asked.token = token_.clone();
    auto answer =
        centre_.ask(keys::Operation::administer,
                    base::to_bytes(keys::encode_administration(std::move(asked)).expose()));
    if (answer) seen.push_back(*answer);
    return answer;
  }
  std::vector<keys::KeyLine> keys() {
    return must(keys::parse_key_lines(must(act({.act = Act::list_keys}))));
  }
  std::vector<keys::RecordedAct> acts() {
    return must(keys::parse_acts(must(act({.act = Act::list_acts}))));
  }
  base::Bytes back_up() {
    const auto page = must(keys::parse_backup_page(must(act({.act = Act::back_up}))));
    EXPECT_TRUE(page.next.empty());
    return page.sealed;
  }
  base::Result<keys::Restored> restore(const base::Bytes& page) {
    HEQI_TRY(const base::Bytes answer, act({.act = Act::restore, .content = page}));
    return keys::parse_restored(answer);
  }

  std::vector<base::Bytes> seen;

 private:
  base::Status sign_in(std::string_view password) {
    HEQI_TRY(const base::Bytes token,
             centre_.ask(keys::Operation::administer,
                         base::to_bytes(keys::encode_administration(
                                            {.act = Act::sign_in, .secret = secret_of(password)})
                                            .expose())));
    token_ = base::SecretBytes::copy_of(token);
    return {};
  }
  Centre& centre_;
  base::SecretBytes token_;
};

// Secrets are the keys in the clear that the two modules of a House have to do with.
struct Secrets {
  base::Bytes root, x;  // the root wrapping key, the newest master key
  crypto::Scalar d1, d2;
  std::uint32_t version = 0;  // of x

  std::vector<base::Bytes> all() const {
    const auto one = d1.encode(), two = d2.encode();
    return {root, x, {one.begin(), one.end()}, {two.begin(), two.end()}};
  }
};

inline Secrets secrets_of(House& house) {
  Secrets out;
  const auto wrap = must(device::WrapKeys::load(*house.world.key_store));
  const auto state = must(device::load_state(*house.world.store, wrap));
  out.d1 = device::recover_share(*state.key, base::bytes_of(kRightPin), wrap).expose();
  out.root = house.centre.wrapping_files.files.at("root-wrapping-key");
  const auto wrapping = must(keys::WrappingKey::open_or_make(
      house.centre.wrapping_files, "root-wrapping-key", house.world.random));
  const auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  const auto masters =
      must(keys::MasterKeys::open(*database, wrapping, house.world.random, house.world.clock));
  out.version = must(masters.newest(keys::kDefaultTenant));
  const crypto::Sm4Key* master = must(masters.find(keys::kDefaultTenant, out.version));
  out.x = base::to_bytes(master->expose());
  out.d2 = must(cosign::derive_server_share(*master, out.version, state.key->name)).expose();
  return out;
}

inline bool holds(base::ByteView where, base::ByteView what) {
  return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

}  // namespace heqi::joined

// Keys of applications in the server's module: the services of the terminal's, over its protocol.
#include <heqi/x509/sm2_encoding.h>

#include "administered.h"

namespace heqi::joined {
namespace {

using base::Bytes;
using base::Code;
using device::LocalRequest;
using device::LocalService;

constexpr const char* kName = "archive";

struct ApplicationKeysTest : public ::testing::Test {
  base::Result<Bytes> use(const LocalRequest& request) {
    return house.centre.ask(keys::Operation::application_key,
                            device::encode_local_request(request));
  }
  crypto::PublicKey generate(const std::string& name = kName) {
    return must(crypto::PublicKey::decode(must(use({LocalService::generate, name, {}}))));
  }
  static Bytes offer(const crypto::PublicKey& key, base::ByteView share, const char* own,
                     const char* peer) {
    const auto& point = key.encode();
    return device::encode_agreement_offer(
        {{point.begin(), point.end()}, base::to_bytes(share), own, peer, 32});
  }
  House house;
};

// shows: ECP-KEY-1b
TEST_F(ApplicationKeysTest, AreMadeExportedSignAndDecrypt) {
  const crypto::PublicKey key = generate();
  EXPECT_EQ(must(crypto::PublicKey::decode(
                must(house.centre.ask(keys::Operation::public_key, keys::encode_name(kName))))),
            key);
  const Bytes text = base::to_bytes("the text itself");
  const auto made = use({LocalService::sign, kName, text});
  ASSERT_OK(made);
  EXPECT_OK(crypto::verify(key, text, must(x509::parse_signature(*made))));
  const auto& point = key.encode();
  EXPECT_OK(use({LocalService::verify,
                 {},
                 device::encode_verification({{point.begin(), point.end()}, text, *made})}));
  EXPECT_ERROR(use({LocalService::verify,
                    {},
                    device::encode_verification({{point.begin(), point.end()}, {1}, *made})}),
               Code::invalid_signature);
  const auto sealed = use(
      {LocalService::encrypt, {}, device::encode_encryption({{point.begin(), point.end()}, text})});
  ASSERT_OK(sealed);
  EXPECT_EQ(must(use({LocalService::decrypt, kName, *sealed})), text);
  Bytes changed = *sealed;
  changed.back() ^= 1;
  EXPECT_ERROR(use({LocalService::decrypt, kName, changed}), Code::invalid_signature);

  house.centre.open();
  EXPECT_EQ(must(use({LocalService::decrypt, kName, *sealed})), text) << "after a restart";
  EXPECT_ERROR(use({LocalService::generate, kName, {}}), Code::conflict);
  ASSERT_OK(use({LocalService::destroy, kName, {}}));
  EXPECT_ERROR(use({LocalService::decrypt, kName, *sealed}), Code::not_found);
  EXPECT_ERROR(use({LocalService::destroy, kName, {}}), Code::not_found);
  const auto acts = Desk(house.centre).acts();
  for (const char* act : {"make_key", "delete_key"})
    EXPECT_TRUE(std::any_of(acts.begin(), acts.end(), [&](const keys::RecordedAct& one) {
      return one.act == act && one.subject == kName && one.outcome == "done";
    })) << act;
}

// Terminal and server, each by its module, agree on a session key; once either begins.
// shows: ECP-KEY-1b
TEST_F(ApplicationKeysTest, TerminalAndServerAgreeOnASessionKey) {
  ASSERT_OK(house.enrol());
  const auto on_device = [&](LocalRequest request) {
    return must(house.confirm(house.world.msd->use_local_key(std::move(request)))).message;
  };
  const auto theirs =
      must(crypto::PublicKey::decode(on_device({LocalService::generate, "mail", {}})));
  const crypto::PublicKey ours = generate();
  {
    const Bytes share = on_device({LocalService::begin_agreement, "mail", {}});
    const Bytes answer =
        must(use({LocalService::agree, kName, offer(theirs, share, "server", "terminal")}));
    const base::ByteView got(answer);
    const Bytes done = on_device(
        {LocalService::finish_agreement, "mail", offer(ours, got.first(65), "terminal", "server")});
    EXPECT_EQ(base::to_hex(base::ByteView(done).last(32)), base::to_hex(got.last(32)));
    EXPECT_EQ(base::to_hex(base::ByteView(done).first(32)), base::to_hex(got.subspan(97, 32)));
  }
  const Bytes share = must(use({LocalService::begin_agreement, kName, {}}));
  const Bytes answer =
      on_device({LocalService::agree, "mail", offer(ours, share, "terminal", "server")});
  const LocalRequest finish{LocalService::finish_agreement, kName,
                            offer(theirs, base::ByteView(answer).first(65), "server", "terminal")};
  EXPECT_FALSE(use({LocalService::finish_agreement, kName, {1, 2}}));
  const auto done = use(finish);
  ASSERT_OK(done);
  EXPECT_EQ(base::to_hex(base::ByteView(*done).last(32)),
            base::to_hex(base::ByteView(answer).last(32)));
  EXPECT_ERROR(use(finish), Code::not_found) << "one scalar, one agreement";
  must(use({LocalService::begin_agreement, kName, {}}));
  house.centre.open();
  EXPECT_ERROR(use(finish), Code::not_found) << "a restart forgets it";
}

// shows: ECP-KEY-1b
TEST_F(ApplicationKeysTest, ServeNobodyElsesPurposeAndServicesDoNotUseThem) {
  generate();
  const std::string channel(keys::kChannelKey);
  for (const LocalService service :
       {LocalService::sign, LocalService::decrypt, LocalService::agree})
    EXPECT_ERROR(use({service, channel, {1}}), Code::denied);
  EXPECT_ERROR(use({LocalService::begin_agreement, channel, {}}), Code::denied);
  EXPECT_ERROR(use({LocalService::destroy, channel, {}}), Code::denied);
  EXPECT_OK(house.centre.ask(keys::Operation::public_key, keys::encode_name(channel)));
  EXPECT_ERROR(house.centre.ask(keys::Operation::sign, keys::encode_sign({kName, {0x30, 0}, {}})),
               Code::denied);
  EXPECT_ERROR(use({LocalService::seal, {}, {1}}), Code::unsupported);
  // What a certificate authority signs: a certificate's body.
  const auto certificate = house.world.authority.certificate;
  EXPECT_ERROR(use({LocalService::sign, kName, base::to_bytes(certificate.tbs())}), Code::denied);
  EXPECT_FALSE(use({LocalService::generate, "", {}}));
  EXPECT_FALSE(use({LocalService::generate, "with-a-key", Bytes(32, 7)})) << "none is taken in";
}

TEST_F(ApplicationKeysTest, StandSealedInTheDatabase) {
  const crypto::PublicKey key = generate();
  const auto wrapping = must(keys::WrappingKey::open_or_make(
      house.centre.wrapping_files, "root-wrapping-key", house.world.random));
  const auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  keys::ServiceKeys opened(*database, wrapping, house.world.random, house.world.clock);
  const auto d = must(opened.open_key(kName, keys::Purpose::applications)).encode();
  bool seen = false;
  for (const char* file : {"/module.db", "/module.db-wal"}) {
    const auto content = base::read_file(house.centre.folder.path() + file, 1 << 24);
    if (!content) continue;
    seen |= holds(*content, key.encode());
    EXPECT_FALSE(holds(*content, d.expose())) << file;
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace heqi::joined

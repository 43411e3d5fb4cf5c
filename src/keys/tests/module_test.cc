// The key centre as its callers reach it: encoded requests in, encoded answers out.
#include <heqi/crypto/hmac.h>
#include <heqi/keys/module.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::keys {
namespace {

using base::Code;

constexpr std::string_view kChosen = "correct horse 合契";

base::SecretBytes secret_of(std::string_view text) {
  return base::SecretBytes::copy_of(base::bytes_of(text));
}

class ModuleTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open(std::vector<std::string> environment = {}) {
    module_.reset();
    auto opened =
        Module::open({.database_url = "sqlite:" + folder_.path() + "/module.db", .place = {}},
                     {files_,
                      wrapping_files_,
                      random_,
                      clock_,
                      log_,
                      {{"injected",
                        [this]() -> base::Status {
                          if (fails_) return base::fail(Code::device_self_test, "on purpose");
                          return {};
                        }}},
                      std::move(environment)});
    ASSERT_OK(opened);
    module_ = *std::move(opened);
  }

  base::Result<base::Bytes> ask(Operation operation, base::Bytes body) {
    return parse_answer(module_->handle(encode_request({operation, std::move(body)})));
  }
  base::Result<base::Bytes> administer(const Administration& asked) {
    return ask(Operation::administer, base::to_bytes(encode_administration(asked).expose()));
  }
  base::Result<base::SecretBytes> sign_in(std::string_view password) {
    HEQI_TRY(const base::Bytes token,
             administer({.act = Act::sign_in, .secret = secret_of(password)}));
    return base::SecretBytes::copy_of(token);
  }
  std::string first_password() {
    return std::string(base::text_of(wrapping_files_.files.at("administrator-password")));
  }
  // signed_in changes the first password and gives a session.
  base::SecretBytes signed_in() {
    const auto first = sign_in(first_password());
    EXPECT_OK(first);
    EXPECT_OK(administer({.act = Act::change_password,
                          .token = first->clone(),
                          .secret = secret_of(first_password()),
                          .new_secret = secret_of(kChosen)}));
    auto token = sign_in(kChosen);
    EXPECT_OK(token);
    return *std::move(token);
  }
  ModuleStatus status() {
    return *parse_module_status(*ask(Operation::status, encode_name("status")));
  }

  testing::TemporaryFolder folder_;
  testing::MemoryStore files_, wrapping_files_;
  testing::SeededRandom random_{3};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  bool fails_ = false;
  std::unique_ptr<Module> module_;
};

// A MAC is asked for where its key is: not even the key of identities goes to who uses it.
// shows: ZSA37-DEP-a
TEST_F(ModuleTest, NoKeyOfAMacLeaves) {
  const auto mac = [this](std::string_view name, std::string_view message) {
    return ask(Operation::mac, encode_named_octets(name, base::bytes_of(message)));
  };
  EXPECT_ERROR(mac("identity-key", "1"), Code::denied);
  EXPECT_ERROR(mac("identity-key", ""), Code::denied);
  EXPECT_ERROR(mac("", "1"), Code::malformed);
  const auto of_identities = mac(kIdentityMac, "a number");
  ASSERT_OK(of_identities);
  EXPECT_EQ(of_identities->size(), crypto::Digest().size());
  EXPECT_NE(*mac(kIdentityMac, "another number"), *of_identities);
  EXPECT_NE(*mac("identity-key/2", "a number"), *of_identities);
  EXPECT_NE(*mac("code", "a number"), *of_identities);
  // NAME/LABEL is under a key of its own.
  const auto key = mac("code", "1");
  ASSERT_OK(key);
  const crypto::Digest expected = crypto::hmac_sm3(*key, base::bytes_of("a number"));
  EXPECT_EQ(*mac("code/1", "a number"), base::Bytes(expected.begin(), expected.end()));
  open();
  EXPECT_EQ(*mac(kIdentityMac, "a number"), *of_identities);
}

// shows: KEP-10.3-a, KEP-10-T1
TEST_F(ModuleTest, NoActOfTheAdministratorIsDoneWithoutThePassword) {
  const base::SecretBytes foreign = secret_of("0123456789abcdef0123456789abcdef");
  for (int number = 2; number <= static_cast<int>(kLastAct); ++number) {
    const auto act = static_cast<Act>(number);
    for (const base::SecretBytes* token :
         {&foreign, static_cast<const base::SecretBytes*>(nullptr)})
      EXPECT_ERROR(administer({.act = act,
                               .token = token != nullptr ? token->clone() : base::SecretBytes(),
                               .subject = "00",
                               .reason = "seen",
                               .secret = secret_of("guess guess guess"),
                               .new_secret = secret_of(kChosen)}),
                   Code::unauthenticated)
          << name_of(act);
  }
  EXPECT_FALSE(status().approved_mode);
}

// shows: KEP-10.3-c
TEST_F(ModuleTest, TheFirstPasswordOpensNothingButItsOwnChange) {
  const auto token = sign_in(first_password());
  ASSERT_OK(token);
  EXPECT_ERROR(administer({.act = Act::list_keys, .token = token->clone()}), Code::denied);
  EXPECT_ERROR(administer({.act = Act::attest_host, .token = token->clone(), .subject = "x"}),
               Code::denied);
  const auto change = [&](std::string_view old_one, std::string_view new_one) {
    return administer({.act = Act::change_password,
                       .token = token->clone(),
                       .secret = secret_of(old_one),
                       .new_secret = secret_of(new_one)});
  };
  EXPECT_ERROR(change(first_password(), "short"), Code::malformed);
  EXPECT_ERROR(change(first_password(), first_password()), Code::malformed);
  EXPECT_ERROR(change("not the first one", kChosen), Code::unauthenticated);
  const std::string first = first_password();
  EXPECT_OK(change(first, kChosen));
  EXPECT_FALSE(wrapping_files_.files.contains("administrator-password"));
  EXPECT_ERROR(administer({.act = Act::list_keys, .token = token->clone()}), Code::unauthenticated);
  EXPECT_ERROR(sign_in(first), Code::unauthenticated);
  const auto session = sign_in(kChosen);
  ASSERT_OK(session);
  EXPECT_OK(administer({.act = Act::list_keys, .token = session->clone()}));
}

// shows: KEP-10.3-c
TEST_F(ModuleTest, AuthenticationEndsWithARestartATimeAndASignOut) {
  base::SecretBytes token = signed_in();
  EXPECT_OK(administer({.act = Act::list_acts, .token = token.clone()}));
  open();
  EXPECT_ERROR(administer({.act = Act::list_acts, .token = token.clone()}), Code::unauthenticated);
  token = *sign_in(kChosen);
  clock_.advance(kAdministratorSession);
  EXPECT_ERROR(administer({.act = Act::list_acts, .token = token.clone()}), Code::unauthenticated);
  token = *sign_in(kChosen);
  EXPECT_OK(administer({.act = Act::sign_out, .token = token.clone()}));
  EXPECT_ERROR(administer({.act = Act::list_acts, .token = token.clone()}), Code::unauthenticated);
}

// shows: KEP-10.3-d
TEST_F(ModuleTest, FiveGuessesAMinuteAreTakenAlsoOverARestart) {
  for (int i = 0; i < kSignInTriesPerMinute; ++i) {
    if (i == 3) open();
    EXPECT_ERROR(sign_in("guess guess guess"), Code::unauthenticated);
  }
  EXPECT_ERROR(sign_in(first_password()), Code::rate_limited);
  open();
  EXPECT_ERROR(sign_in(first_password()), Code::rate_limited);
  clock_.advance(std::chrono::minutes(1));
  EXPECT_OK(sign_in(first_password()));
}

// shows: KEP-10.1-a
TEST_F(ModuleTest, EachActIsRecordedWithItsRoleAndItsEnd) {
  EXPECT_ERROR(administer({.act = Act::disable_key, .subject = "00"}), Code::unauthenticated);
  const base::SecretBytes token = signed_in();
  EXPECT_ERROR(administer({.act = Act::disable_key, .token = token.clone(), .subject = "00"}),
               Code::cosign_key_unknown);
  EXPECT_ERROR(ask(Operation::revoke_share, encode_name("01")), Code::cosign_key_unknown);
  const auto acts = parse_acts(*administer({.act = Act::list_acts, .token = token.clone()}));
  ASSERT_OK(acts);
  ASSERT_GE(acts->size(), 4u);
  const auto find = [&](std::string_view subject, device::Role role, std::string_view outcome) {
    for (const RecordedAct& act : *acts)
      if (act.subject == subject && act.role == role && act.outcome == outcome) return true;
    return false;
  };
  EXPECT_TRUE(find("00", device::Role::administrator, "unauthenticated"));
  EXPECT_TRUE(find("00", device::Role::administrator, "cosign.key_unknown"));
  EXPECT_TRUE(find("01", device::Role::user, "cosign.key_unknown"));
}

TEST_F(ModuleTest, ADeviceThatIsLostIsWipedByTheAdministratorAndByNobodyElse) {
  const auto key = *crypto::PrivateKey::generate(random_);
  const crypto::PointBytes point = key.public_key().encode();
  ASSERT_OK(ask(Operation::bind_device,
                encode_device_binding({"lost", {point.begin(), point.end()}, base::Bytes(16, 1)})));
  EXPECT_ERROR(administer({.act = Act::wipe_device, .subject = "lost"}), Code::unauthenticated);
  const base::SecretBytes token = signed_in();
  EXPECT_ERROR(administer({.act = Act::wipe_device, .token = token.clone(), .subject = "other"}),
               Code::not_found);
  EXPECT_OK(administer({.act = Act::wipe_device, .token = token.clone(), .subject = "lost"}));
  EXPECT_OK(administer({.act = Act::renew_master, .token = token.clone()}));
  const auto acts = parse_acts(*administer({.act = Act::list_acts, .token = token.clone()}));
  ASSERT_OK(acts);
  EXPECT_ERROR(administer({.act = Act::unlock_key,
                           .token = token.clone(),
                           .subject = "00",
                           .reason = "identity card seen at desk 3"}),
               Code::cosign_key_unknown);
  const auto more = parse_acts(*administer({.act = Act::list_acts, .token = token.clone()}));
  ASSERT_OK(more);
  EXPECT_EQ(more->at(0).subject, "00: identity card seen at desk 3");
  EXPECT_EQ(acts->at(0).act, "renew_master");
  EXPECT_EQ(acts->at(1).act, "wipe_device");
}

// Nobody asks, nothing happens; and who is no bound device asks for nothing.
// shows: KEP-10.2.2
TEST_F(ModuleTest, WithoutARequestOfARoleNothingIsComputed) {
  const auto content = [&] {
    base::Bytes all;
    for (const char* file : {"/module.db", "/module.db-wal"})
      if (const auto one = base::read_file(folder_.path() + file, 1 << 24)) base::append(all, *one);
    return all;
  };
  const base::Bytes before = content();
  const auto files = files_.files, wrapping_files = wrapping_files_.files;
  testing::SeededRandom undrawn = random_;
  clock_.advance(std::chrono::hours(24 * 400));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status().state, "operational");
  EXPECT_FALSE(ask(Operation::device_message, base::to_bytes("no envelope")).has_value());
  EXPECT_ERROR(ask(Operation::sign, encode_sign({"no key", {1}, {}})), Code::not_found);
  EXPECT_TRUE(files_.files == files && wrapping_files_.files == wrapping_files);
  EXPECT_TRUE(content() == before);
  EXPECT_EQ(random_.next(), undrawn.next());
}

// The PIN's own strength is shown in joint_keys_test.cc: three of 10⁶ in a minute.
// shows: KEP-10.3-d
TEST_F(ModuleTest, APasswordThatIsFoundWithinAMillionTriesIsNotTaken) {
  const base::SecretBytes token = signed_in();
  for (const std::string_view weak :
       {"12345678901", "aaaaaaaaaaaa", "abababababab", "            "})
    EXPECT_ERROR(administer({.act = Act::change_password,
                             .token = token.clone(),
                             .secret = secret_of(kChosen),
                             .new_secret = secret_of(weak)}),
                 Code::malformed)
        << weak;
}

// shows: KEP-12-c
TEST_F(ModuleTest, TheModeIsApprovedOnlyAfterTheHostWasVouchedFor) {
  EXPECT_FALSE(status().approved_mode);
  const base::SecretBytes token = signed_in();
  EXPECT_ERROR(administer({.act = Act::attest_host, .token = token.clone()}), Code::malformed);
  ASSERT_OK(administer({.act = Act::attest_host,
                        .token = token.clone(),
                        .subject = "locked room 3, two keys, Zhang San"}));
  EXPECT_TRUE(status().approved_mode);
  open();
  EXPECT_TRUE(status().approved_mode);
  open({"superuser"});
  EXPECT_FALSE(status().approved_mode);
}

// shows: KEP-16-d, KEP-9.2-b
TEST_F(ModuleTest, AFailedTestBlocksEverythingButTheStatus) {
  const base::SecretBytes token = signed_in();
  fails_ = true;
  EXPECT_EQ(parse_module_status(*ask(Operation::self_test, encode_name("x")))->state, "error");
  const auto blocked = [&] {
    for (int number = 1; number <= static_cast<int>(kLastOperation); ++number) {
      const auto operation = static_cast<Operation>(number);
      if (operation == Operation::self_test) continue;
      EXPECT_ERROR(ask(operation, encode_name(kChannelKey)), Code::device_self_test) << number;
    }
  };
  blocked();
  open();  // also from the start
  EXPECT_EQ(status().state, "error");
  EXPECT_NE(status().failure.find("on purpose"), std::string::npos);
  blocked();
  fails_ = false;
  EXPECT_EQ(parse_module_status(*ask(Operation::self_test, encode_name("x")))->state,
            "operational");
  EXPECT_OK(ask(Operation::public_key, encode_name(kChannelKey)));
}

TEST_F(ModuleTest, ThePasswordStandsNowhereAfterItWasChanged) {
  signed_in();
  module_.reset();
  for (const char* file : {"/module.db", "/module.db-wal"}) {
    const auto content = base::read_file(folder_.path() + file, 1 << 24);
    if (!content) continue;
    EXPECT_EQ(base::text_of(*content).find(kChosen), std::string_view::npos);
  }
  for (const auto& [name, content] : wrapping_files_.files)
    EXPECT_EQ(base::text_of(content).find(kChosen), std::string_view::npos) << name;
}

}  // namespace
}  // namespace heqi::keys

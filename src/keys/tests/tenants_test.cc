// Master keys of several tenants under one root wrapping key.
#include <heqi/asn1/writer.h>
#include <heqi/cosign/server_share.h>
#include <heqi/device/channel.h>
#include <heqi/keys/backup.h>
#include <heqi/keys/joint_keys.h>
#include <heqi/keys/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::keys {
namespace {

using base::Code;

constexpr std::string_view kBank = "bank";

// Tenants is a key centre in which the default tenant and a bank have a device each.
class Tenants : public ::testing::Test {
 protected:
  void SetUp() override {
    make(schema().migrations);
    open();
    ASSERT_OK(renew(kBank));
    bind("default-1", kDefaultTenant);
    bind("bank-1", kBank);
  }
  void make(std::span<const sql::Migration> steps) {
    database_ = *sql::Database::open({.url = "sqlite:" + folder_.path() + "/module.db"});
    const sql::Component components[] = {{"module", steps}};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    wrapping_.emplace(*WrappingKey::open_or_make(files_, "root-wrapping-key", random_));
  }
  void open() {
    masters_.emplace(*MasterKeys::open(*database_, *wrapping_, random_, clock_));
    keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{});
  }
  base::Status renew(std::string_view tenant) {
    return masters_->renew(tenant, *database_, *wrapping_, random_, clock_);
  }
  void bind(const std::string& device, std::string_view tenant) {
    change(
        "INSERT INTO module_devices (device_id, channel_public_key, channel_id, position, "
        "bound_at, tenant) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
        device, channel_key_, base::bytes_of(device), device::encode_position({}), tenant);
  }
  template <typename... Values>
  void change(std::string_view statement, const Values&... values) {
    ASSERT_OK(database_->with_transaction([&](sql::Transaction& tx) -> base::Status {
      HEQI_TRY(tx.execute(statement, values...));
      return {};
    }));
  }
  cosign::DeviceKey enrol(std::string_view device) {
    const cosign::KeyName name = *keys_->begin_key(device);
    auto agreement = *cosign::DeviceKeyAgreement::begin({name, channel_key_}, random_);
    const auto answer = keys_->init_key(device, name, agreement.message());
    EXPECT_OK(answer);
    return *std::move(agreement).finish(*answer);
  }
  cosign::Opened opened(const cosign::DeviceKey& key, std::uint64_t counter) {
    auto device = *cosign::Device::with_key({key.name, key.p, key.d1.clone()}, random_);
    return *device.open({crypto::message_digest(key.p, base::bytes_of("m"))}, counter);
  }
  base::Status sign(std::string_view device, const cosign::DeviceKey& key, std::uint64_t counter) {
    HEQI_TRY(keys_->sign(device, opened(key, counter).opening));
    return {};
  }
  std::int64_t version_of(const cosign::DeviceKey& key) {
    return database_
        ->with_snapshot([&](sql::Transaction& tx) {
          return tx.get_row(
              "SELECT COALESCE(next_master_version, master_version) "
              "FROM module_joint_keys WHERE key_id = ?1",
              key_id_text(key.name));
        })
        ->int64(0);
  }
  base::Bytes x_of(std::string_view tenant, std::uint32_t version) {
    const auto found = masters_->find(tenant, version);
    EXPECT_OK(found);
    return found ? base::to_bytes((*found)->expose()) : base::Bytes();
  }

  testing::TemporaryFolder folder_;
  testing::MemoryStore files_;
  testing::SeededRandom random_{7};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  std::unique_ptr<sql::Database> database_;
  std::optional<WrappingKey> wrapping_;
  std::optional<MasterKeys> masters_;
  std::optional<JointKeys> keys_;
  crypto::PrivateKey channel_ = *crypto::PrivateKey::generate(random_);
  base::Bytes channel_key_ = base::to_bytes(channel_.public_key().encode());
};

// shows: COS-d2-0   mutant: tests/mutants/COS-d2-0.tenant
TEST_F(Tenants, HaveMasterKeysOfTheirOwnAndOneKeyIdGivesEachAnotherShare) {
  EXPECT_EQ(*masters_->newest(kDefaultTenant), 1u);
  EXPECT_EQ(*masters_->newest(kBank), 2u);
  EXPECT_NE(x_of(kDefaultTenant, 1), x_of(kBank, 2));
  const cosign::KeyName name{.app_id = "heqi", .platform_id = "mssp", .key_id = {7}};
  const auto share = [&](std::string_view tenant, std::uint32_t version) {
    return base::to_bytes(
        cosign::derive_server_share(**masters_->find(tenant, version), version, name)
            ->expose()
            .encode());
  };
  EXPECT_NE(share(kDefaultTenant, 1), share(kBank, 2));
  EXPECT_EQ(share(kBank, 2), share(kBank, 2));
  EXPECT_ERROR(masters_->find(kBank, 1), Code::not_found);
  EXPECT_ERROR(masters_->find(kDefaultTenant, 2), Code::not_found);
  EXPECT_ERROR(masters_->find("", 1), Code::not_found);
  EXPECT_ERROR(masters_->newest("nobody"), Code::not_found);
  const base::Bytes before = x_of(kBank, 2);
  open();
  EXPECT_EQ(x_of(kBank, 2), before);
}

TEST_F(Tenants, RenewTheirOwnAndTheOthersKeysStay) {
  const cosign::DeviceKey ours = enrol("default-1"), theirs = enrol("bank-1");
  EXPECT_EQ(version_of(ours), 1);
  EXPECT_EQ(version_of(theirs), 2);
  ASSERT_OK(renew(kBank));
  EXPECT_EQ(*masters_->newest(kDefaultTenant), 1u);
  ASSERT_OK(keys_->refresh("default-1", opened(ours, 1).opening));
  ASSERT_OK(keys_->refresh("bank-1", opened(theirs, 1).opening));
  EXPECT_EQ(version_of(ours), 1);
  EXPECT_EQ(version_of(theirs), 3);
  EXPECT_OK(sign("default-1", ours, 2));
  EXPECT_OK(sign("bank-1", theirs, 2));
}

TEST_F(Tenants, ARowThatIsMovedToAnotherTenantOpensNothing) {
  const cosign::DeviceKey theirs = enrol("bank-1");
  change("UPDATE module_joint_keys SET tenant = 'default' WHERE key_id = ?1",
         key_id_text(theirs.name));
  EXPECT_ERROR(sign("bank-1", theirs, 1), Code::not_found);
  change("UPDATE module_joint_keys SET tenant = 'bank' WHERE key_id = ?1",
         key_id_text(theirs.name));
  EXPECT_OK(sign("bank-1", theirs, 2));
  // The master key itself is sealed for its tenant.
  change("UPDATE module_masters SET tenant = 'default' WHERE version = 2");
  EXPECT_ERROR(MasterKeys::open(*database_, *wrapping_, random_, clock_), Code::denied);
}

TEST_F(Tenants, AnOlderInstallationIsThatOfTheDefaultTenant) {
  testing::TemporaryFolder older;
  database_ = *sql::Database::open({.url = "sqlite:" + older.path() + "/module.db"});
  const sql::Component before[] = {{"module", schema().migrations.first(7)}}, now[] = {schema()};
  ASSERT_OK(sql::apply_migrations(*database_, before, clock_));
  const base::Bytes x(crypto::kSm4KeySize, 0x5a);
  change("INSERT INTO module_masters (version, sealed, created_at) VALUES (1, ?1, 0)",
         *wrapping_->seal({"master-key", "X", 1}, x, random_));
  ASSERT_OK(sql::apply_migrations(*database_, now, clock_));
  open();
  EXPECT_EQ(x_of(kDefaultTenant, 1), x);
}

TEST_F(Tenants, ABackupKeepsThemApartAndOneFromBeforeThemIsTheDefaultTenants) {
  const base::Bytes x(crypto::kSm4KeySize, 0x5a);
  asn1::Writer older;
  older.sequence([&](asn1::Writer& page) {
    page.integer(1).sequence([&](asn1::Writer& rows) {
      rows.sequence([&](asn1::Writer& row) {
        row.integer(9)
            .octet_string(*wrapping_->seal({"master-key", "X", 9}, x, random_))
            .integer(0);
      });
    });
    for (int table = 0; table < 4; ++table) page.sequence([](asn1::Writer&) {});
  });
  const base::Bytes sealed = *wrapping_->seal({"backup", "page", 1}, older.take(), random_);
  const cosign::DeviceKey theirs = enrol("bank-1");
  const base::Bytes bank = x_of(kBank, 2);
  Backup here(*database_, *wrapping_, *masters_, random_, clock_);
  ASSERT_OK(here.restore(sealed));
  EXPECT_EQ(x_of(kDefaultTenant, 9), x);

  const auto page = here.page("");
  ASSERT_OK(page);
  testing::TemporaryFolder fresh;
  database_ = *sql::Database::open({.url = "sqlite:" + fresh.path() + "/module.db"});
  const sql::Component now[] = {schema()};
  ASSERT_OK(sql::apply_migrations(*database_, now, clock_));
  open();
  Backup there(*database_, *wrapping_, *masters_, random_, clock_);
  const auto restored = there.restore(page->sealed);
  ASSERT_OK(restored);
  EXPECT_EQ(restored->keys, 1);
  EXPECT_EQ(x_of(kBank, 2), bank);
  EXPECT_ERROR(masters_->find(kDefaultTenant, 2), Code::not_found);
  clock_.advance(std::chrono::hours(25));
  EXPECT_OK(sign("bank-1", theirs, 1));
}

TEST(TenantOfADevice, IsNamedInItsBindingUnlessItIsTheDefaultOne) {
  const DeviceBinding usual{"d", {4}, {1}}, theirs{"d", {4}, {1}, std::string(kBank)};
  EXPECT_EQ(parse_device_binding(encode_device_binding(usual))->tenant, kDefaultTenant);
  EXPECT_EQ(parse_device_binding(encode_device_binding(theirs))->tenant, kBank);
  const auto stated = [](std::string_view tenant) {
    asn1::Writer w;
    w.sequence([&](asn1::Writer& in) {
      in.utf8_string("d").octet_string(base::Bytes{4}).octet_string(base::Bytes{1});
      in.utf8_string(tenant);
    });
    return parse_device_binding(w.take());
  };
  EXPECT_OK(stated(kBank));
  EXPECT_ERROR(stated(kDefaultTenant), Code::malformed);
  EXPECT_ERROR(stated(""), Code::malformed);
}

}  // namespace
}  // namespace heqi::keys

// What another organisation's authority certified, kept by the registration authority.
#include <heqi/services/ra/kept_issuer.h>

#include <heqi/base/text.h>
#include <heqi/services/ra/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

namespace heqi::services::ra {
namespace {

using base::Code;

// Forgetful gives another certificate every time, as authorities without a memory for requests do.
class Forgetful final : public Issuer {
 public:
  base::Result<base::Bytes> issue(const Application& application, base::ByteView) override {
    ++asked;
    if (refusal) return base::fail(*refusal);
    return base::to_bytes(application.id + " certificate " + std::to_string(asked));
  }
  int asked = 0;
  std::optional<Code> refusal;
};

class Kept : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    database_ = *sql::Database::open({.url = url_});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
  }
  base::Result<base::Bytes> issue(const std::string& id, const std::string& csr) {
    KeptIssuer kept("partner", other_, *database_, clock_);
    Application application;
    application.id = id;
    return kept.issue(application, base::to_bytes(csr));
  }

  testing::TemporaryFolder folder_;
  const std::string url_ = testing::usual_database(folder_.path(), "ra.db");
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  std::unique_ptr<sql::Database> database_;
  Forgetful other_;
};

TEST_F(Kept, TheSameRequestGetsTheSameCertificateAlsoAfterARestart) {
  const auto first = issue("a", "csr");
  ASSERT_OK(first);
  EXPECT_EQ(*issue("a", "csr"), *first);
  database_.reset();
  open();
  EXPECT_EQ(*issue("a", "csr"), *first);
  EXPECT_EQ(other_.asked, 1);
  EXPECT_NE(*issue("b", "csr"), *first);
}

// shows-part: ECP-KEY-2 (one application, one certificate of another authority)
TEST_F(Kept, AnotherRequestOfACertifiedApplicationIsRefusedUnasked) {
  ASSERT_OK(issue("a", "csr"));
  EXPECT_ERROR(issue("a", "another"), Code::conflict);
  EXPECT_EQ(other_.asked, 1);
}

TEST_F(Kept, ARefusalIsNotKept) {
  other_.refusal = Code::unavailable;
  EXPECT_ERROR(issue("a", "csr"), Code::unavailable);
  other_.refusal.reset();
  EXPECT_OK(issue("a", "csr"));
}

}  // namespace
}  // namespace heqi::services::ra

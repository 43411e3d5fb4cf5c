#include <heqi/sql/migrations.h>

#include <thread>

#include <heqi/sql/database.h>
#include <heqi/testing/engines.h>

namespace heqi::sql {
namespace {

using base::Code;

const Migration kFirst{1, "start", "CREATE TABLE ca_item (id {int64} PRIMARY KEY) {strict}"};
const Migration kSecond{2, "names",
                        "ALTER TABLE ca_item ADD COLUMN name {text};"
                        "CREATE INDEX ca_item_by_name ON ca_item (name)"};

template <class Engine>
class Migrations : public testing::OnEngine<Engine> {
 protected:
  base::Status apply(std::vector<Migration> list, std::string_view name = "ca") {
    const Component component{name, list};
    return apply_migrations(*this->database_, {&component, 1}, clock_);
  }
  testing::FakeClock clock_{base::time_from_micros(1'795'250'516'000'000)};
};
TYPED_TEST_SUITE(Migrations, testing::Engines, testing::EngineName);

TYPED_TEST(Migrations, EachStepIsAppliedOnceAndRecorded) {
  ASSERT_OK(this->apply({kFirst}));
  ASSERT_OK(this->run("INSERT INTO ca_item (id) VALUES (1)"));
  ASSERT_OK(this->apply({kFirst, kSecond}));
  ASSERT_OK(this->apply({kFirst, kSecond}));
  ASSERT_OK(this->run("UPDATE ca_item SET name = 'kept'"));
  const auto list = list_migrations(*this->database_);
  ASSERT_OK(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[1].component, "ca");
  EXPECT_EQ((*list)[1].number, 2);
  EXPECT_EQ((*list)[1].name, "names");
  EXPECT_EQ((*list)[1].checksum, checksum(kSecond.sql));
  EXPECT_EQ((*list)[1].applied_at, this->clock_.now());
}

TYPED_TEST(Migrations, ComponentsCountSeparately) {
  ASSERT_OK(this->apply({kFirst}));
  ASSERT_OK(this->apply({{1, "start", "CREATE TABLE mss_item (id {int64}) {strict}"}}, "mss"));
  EXPECT_EQ(list_migrations(*this->database_)->size(), 2u);
}

TYPED_TEST(Migrations, AnOlderProgramRefusesANewerSchema) {
  ASSERT_OK(this->apply({kFirst, kSecond}));
  const auto older = this->apply({kFirst});
  ASSERT_ERROR(older, Code::storage_schema_newer);
  EXPECT_EQ(older.error().detail, "ca: the data is at step 2, this program knows 1");
}

TYPED_TEST(Migrations, AStepWhoseTextWasChangedIsRefused) {
  ASSERT_OK(this->apply({kFirst}));
  Migration changed = kFirst;
  changed.sql = "CREATE TABLE ca_item (id {int64} PRIMARY KEY, extra {text}) {strict}";
  EXPECT_ERROR(this->apply({changed, kSecond}), Code::storage_schema_changed);
  EXPECT_EQ(list_migrations(*this->database_)->size(), 1u);
}

TYPED_TEST(Migrations, AFailedStepLeavesNothingOfItsRun) {
  EXPECT_ERROR(
      this->apply({kFirst, {2, "broken", "ALTER TABLE no_such_table ADD COLUMN x {text}"}}),
      Code::internal);
  EXPECT_ERROR(this->get("SELECT id FROM ca_item"), Code::internal);
  ASSERT_OK(this->apply({kFirst}));
}

TYPED_TEST(Migrations, AGapOrALooseTableIsRefused) {
  EXPECT_ERROR(this->apply({kSecond}), Code::internal);
  EXPECT_ERROR(this->apply({kFirst, kFirst}), Code::internal);
  EXPECT_ERROR(this->apply({{1, "loose", "CREATE TABLE loose (id {int64})"}}), Code::internal);
  EXPECT_ERROR(this->apply({kFirst}, ""), Code::internal);
}

TYPED_TEST(Migrations, ManyNodesThatStartTogetherApplyThemOnce) {
  std::vector<std::thread> nodes;
  std::atomic<int> successes{0};
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] {
      const auto database = this->open();
      const Migration list[] = {kFirst, kSecond};
      const Component component{"ca", list};
      const auto done = apply_migrations(*database, {&component, 1}, this->clock_);
      EXPECT_OK(done);
      if (done) ++successes;
    });
  }
  for (std::thread& node : nodes) node.join();
  EXPECT_EQ(successes.load(), 4);
  EXPECT_EQ(list_migrations(*this->database_)->size(), 2u);
}

TEST(Checksum, NoticesOneChangedCharacter) {
  EXPECT_EQ(checksum(""), "cbf29ce484222325");
  EXPECT_EQ(checksum("a"), "af63dc4c8601ec8c");  // the FNV authors' test value
  EXPECT_NE(checksum("CREATE TABLE a"), checksum("CREATE TABLE b"));
}

}  // namespace
}  // namespace heqi::sql

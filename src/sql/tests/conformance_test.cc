// The behaviour that both engines share, value by value and rule by rule.
#include <limits>
#include <thread>

#include <heqi/sql/database.h>
#include <heqi/testing/engines.h>

namespace heqi::sql {
namespace {

using base::Code;
using base::Status;

template <class Engine>
class Conformance : public testing::OnEngine<Engine> {
 protected:
  void SetUp() override {
    testing::OnEngine<Engine>::SetUp();
    if (!this->database_) return;
    ASSERT_OK(this->database_->with_transaction([](Transaction& t) {
      return t.execute_script(R"(
        CREATE TABLE item (
          id {int64} PRIMARY KEY, name {text}, content {blob}, at {int64},
          CONSTRAINT item_at CHECK (at >= 0)
        ) {strict};
        CREATE TABLE pair (
          a {text} NOT NULL, b {text} NOT NULL, item {int64} REFERENCES item (id), UNIQUE (a, b)
        ) {strict};
        CREATE TABLE numbered (id {sequence_key}, name {text} NOT NULL UNIQUE) {strict})");
    }));
  }
};
TYPED_TEST_SUITE(Conformance, testing::Engines, testing::EngineName);

TYPED_TEST(Conformance, NumbersComeBackAtTheirExtremes) {
  std::int64_t id = 0;
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::max(), std::int64_t{0},
                                   std::int64_t{1} << 40, std::int64_t{255}}) {
    ASSERT_OK(this->run("INSERT INTO item (id, at) VALUES (?1, ?2)", ++id, value));
    EXPECT_EQ(this->get("SELECT at FROM item WHERE id = ?1", id)->int64(0), value);
  }
  ASSERT_OK(
      this->run("INSERT INTO item (id) VALUES (?1)", std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(this->number("SELECT MIN(id) FROM item"), std::numeric_limits<std::int64_t>::min());
}

TYPED_TEST(Conformance, TextComesBackUnchanged) {
  std::int64_t id = 0;
  for (const std::string text : {"", "合同正文 ①", "it's \"quoted\" ?1 {blob} $1 -- x", " \t\n "}) {
    ASSERT_OK(this->run("INSERT INTO item (id, name) VALUES (?1, ?2)", ++id, text));
    EXPECT_EQ(this->get("SELECT name FROM item WHERE id = ?1", id)->text(0), text);
  }
}

TYPED_TEST(Conformance, BytesComeBackUnchanged) {
  base::Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  std::int64_t id = 0;
  for (const base::Bytes& bytes :
       {base::Bytes{}, base::Bytes{0}, all, base::Bytes(300'000, 0xff)}) {
    ASSERT_OK(this->run("INSERT INTO item (id, content) VALUES (?1, ?2)", ++id, bytes));
    EXPECT_EQ(this->get("SELECT content FROM item WHERE id = ?1", id)->bytes(0), bytes);
  }
}

TYPED_TEST(Conformance, NullIsNotEmpty) {
  ASSERT_OK(this->run("INSERT INTO item VALUES (1, ?1, ?2, ?3)", nullptr, std::nullopt,
                      std::optional<base::Time>()));
  ASSERT_OK(this->run("INSERT INTO item VALUES (2, ?1, ?2, ?3)", "", base::ByteView{}, 0));
  const auto null = this->get("SELECT name, content, at FROM item WHERE id = 1");
  EXPECT_TRUE(null->is_null(0) && null->is_null(1) && null->is_null(2));
  EXPECT_EQ(null->optional_text(0), std::nullopt);
  EXPECT_EQ(null->optional_bytes(1), std::nullopt);
  EXPECT_EQ(null->optional_int64(2), std::nullopt);
  EXPECT_EQ(null->optional_time(2), std::nullopt);
  const auto empty = this->get("SELECT name, content, at FROM item WHERE id = 2");
  EXPECT_EQ(empty->optional_text(0), "");
  EXPECT_EQ(empty->optional_bytes(1), base::Bytes{});
  EXPECT_EQ(empty->optional_int64(2), 0);
}

TYPED_TEST(Conformance, TimeIsMicrosecondsUtc) {
  const base::Time time = base::time_from_micros(1'795'250'516'123'456);
  ASSERT_OK(this->run("INSERT INTO item (id, at) VALUES (1, ?1)", time));
  EXPECT_EQ(this->get("SELECT at FROM item")->time(0), time);
  EXPECT_EQ(this->number("SELECT at FROM item"), 1'795'250'516'123'456);
}

TYPED_TEST(Conformance, ParametersMayBeRepeatedAndOutOfOrder) {
  const auto row =
      this->get("SELECT CAST(?2 AS {text}), CAST(?1 AS {int64}), CAST(?2 AS {text})", 7, "x");
  ASSERT_OK(row);
  EXPECT_EQ(row->text(0), "x");
  EXPECT_EQ(row->int64(1), 7);
  EXPECT_EQ(row->text(2), "x");
}

TYPED_TEST(Conformance, MoreThanNineParametersKeepTheirNumbers) {
  const auto row = this->get(
      "SELECT CAST(?11 AS {int64}), CAST(?1 AS {int64}), CAST(?2 AS {int64}) + ?3 + ?4 + ?5 + ?6 +"
      " ?7 + ?8 + ?9 + ?10",
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  ASSERT_OK(row);
  EXPECT_EQ(row->int64(0), 11);
  EXPECT_EQ(row->int64(1), 1);
  EXPECT_EQ(row->int64(2), 54);
}

TYPED_TEST(Conformance, MarksInsideQuotesAndCommentsAreLeftAlone) {
  const auto row = this->get("SELECT '?1 {blob}', /* ?9 {x} */ 'it''s ?2' -- ?3 {y}\n");
  ASSERT_OK(row);
  EXPECT_EQ(row->text(0), "?1 {blob}");
  EXPECT_EQ(row->text(1), "it's ?2");
}

TYPED_TEST(Conformance, ExecuteCountsTheRowsItChanged) {
  EXPECT_EQ(*this->run("INSERT INTO item (id) VALUES (1), (2), (3)"), 3);
  EXPECT_EQ(*this->run("UPDATE item SET at = 1 WHERE id > 1"), 2);
  EXPECT_EQ(*this->run("UPDATE item SET at = 1 WHERE id > 100"), 0);
  EXPECT_EQ(*this->run("CREATE INDEX item_by_at ON item (at)"), 0);
  EXPECT_EQ(*this->run("DELETE FROM item WHERE id <= 2"), 2);
  EXPECT_EQ(*this->run("DELETE FROM item WHERE id <= 2"), 0);
}

TYPED_TEST(Conformance, QueryKeepsTheOrderAsked) {
  ASSERT_OK(this->run("INSERT INTO item (id) VALUES (2), (3), (1)"));
  const auto rows = this->database_->with_snapshot(
      [](Transaction& t) { return t.query("SELECT id FROM item ORDER BY id DESC"); });
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].int64(0), 3);
  EXPECT_EQ((*rows)[2].int64(0), 1);
}

TYPED_TEST(Conformance, AMissingRowIsNotFoundAndDoesNotLoseTheTransaction) {
  ASSERT_OK(this->database_->with_transaction([](Transaction& t) -> Status {
    EXPECT_ERROR(t.get_row("SELECT id FROM item WHERE id = 5"), Code::not_found);
    HEQI_TRY(const auto row, t.find_row("SELECT id FROM item WHERE id = 5"));
    EXPECT_FALSE(row.has_value());
    HEQI_TRY(t.execute("INSERT INTO item (id) VALUES (5)"));
    return {};
  }));
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 1);
}

TYPED_TEST(Conformance, ReturningGivesTheRowsWritten) {
  const auto row = this->database_->with_transaction([](Transaction& t) {
    return t.get_row("INSERT INTO item (id, name) VALUES (?1, ?2) RETURNING id, name", 4, "four");
  });
  ASSERT_OK(row);
  EXPECT_EQ(row->int64(0), 4);
  EXPECT_EQ(row->text(1), "four");
}

TYPED_TEST(Conformance, ASequenceKeyGrows) {
  std::int64_t last = 0;
  for (const char* name : {"a", "b", "c"}) {
    const auto row = this->database_->with_transaction([&](Transaction& t) {
      return t.get_row("INSERT INTO numbered (name) VALUES (?1) RETURNING id", name);
    });
    ASSERT_OK(row);
    EXPECT_GT(row->int64(0), last);
    last = row->int64(0);
  }
}

TYPED_TEST(Conformance, AUniqueViolationIsAConflictThatNamesTheColumns) {
  ASSERT_OK(this->run("INSERT INTO pair (a, b) VALUES ('x', 'secret')"));
  const auto again = this->run("INSERT INTO pair (a, b) VALUES ('x', 'secret')");
  ASSERT_ERROR(again, Code::conflict);
  EXPECT_EQ(again.error().detail, "unique: pair(a, b)");
  ASSERT_OK(this->run("INSERT INTO item (id) VALUES (1)"));
  const auto key = this->run("INSERT INTO item (id) VALUES (1)");
  ASSERT_ERROR(key, Code::conflict);
  EXPECT_EQ(key.error().detail, "unique: item(id)");
}

TYPED_TEST(Conformance, AForeignKeyIsHeld) {
  const auto dangling = this->run("INSERT INTO pair VALUES ('a', 'b', 99)");
  ASSERT_ERROR(dangling, Code::conflict);
  EXPECT_EQ(dangling.error().detail, "foreign key");
}

TYPED_TEST(Conformance, ACheckIsHeldAndNamed) {
  const auto negative = this->run("INSERT INTO item (id, at) VALUES (1, -1)");
  ASSERT_ERROR(negative, Code::conflict);
  EXPECT_EQ(negative.error().detail, "check: item_at");
}

TYPED_TEST(Conformance, NotNullIsHeldAndNamed) {
  const auto null = this->run("INSERT INTO pair (a, b) VALUES ('x', ?1)", nullptr);
  ASSERT_ERROR(null, Code::conflict);
  EXPECT_EQ(null.error().detail, "not null: pair(b)");
}

TYPED_TEST(Conformance, ATypeIsHeld) {
  EXPECT_ERROR(this->run("INSERT INTO item (id, at) VALUES (1, ?1)", "soon"), Code::internal);
  EXPECT_ERROR(this->run("INSERT INTO item (id, content) VALUES (1, ?1)", 5), Code::internal);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 0);
}

TYPED_TEST(Conformance, AFailedStatementLosesTheWholeTransaction) {
  ASSERT_OK(this->run("INSERT INTO item (id) VALUES (1)"));
  const auto done = this->database_->with_transaction([](Transaction& t) -> Status {
    HEQI_TRY(t.execute("INSERT INTO item (id) VALUES (2)"));
    EXPECT_ERROR(t.execute("INSERT INTO item (id) VALUES (1)"), Code::conflict);
    EXPECT_ERROR(t.execute("INSERT INTO item (id) VALUES (3)"), Code::conflict);
    EXPECT_ERROR(t.query("SELECT 1"), Code::conflict);
    return {};  // claims success
  });
  EXPECT_ERROR(done, Code::conflict);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 1);
}

TYPED_TEST(Conformance, AnErrorOfTheFunctionRollsBack) {
  const auto done = this->database_->with_transaction([](Transaction& t) -> Status {
    HEQI_TRY(t.execute("INSERT INTO item (id) VALUES (2)"));
    return base::fail(Code::denied, "by the business");
  });
  ASSERT_ERROR(done, Code::denied);
  EXPECT_EQ(done.error().detail, "by the business");
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 0);
}

TYPED_TEST(Conformance, OnConflictDoNothingTellsByTheCount) {
  EXPECT_EQ(*this->run("INSERT INTO pair (a, b) VALUES ('x', 'y') ON CONFLICT DO NOTHING"), 1);
  EXPECT_EQ(*this->run("INSERT INTO pair (a, b) VALUES ('x', 'y') ON CONFLICT DO NOTHING"), 0);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM pair"), 1);
}

TYPED_TEST(Conformance, HooksRunAfterTheCommitAndOnlyThen) {
  int calls = 0;
  ASSERT_OK(this->database_->with_transaction([&](Transaction& t) -> Status {
    t.after_commit([&] { ++calls; });
    EXPECT_EQ(calls, 0);
    return {};
  }));
  EXPECT_EQ(calls, 1);
  EXPECT_ERROR(this->database_->with_transaction([&](Transaction& t) -> Status {
    t.after_commit([&] { ++calls; });
    return base::fail(Code::denied);
  }),
               Code::denied);
  EXPECT_EQ(calls, 1);
}

TYPED_TEST(Conformance, TooFewOrTooManyParametersAreRefused) {
  EXPECT_ERROR(this->get("SELECT CAST(?1 AS {int64}), CAST(?2 AS {int64})", 1), Code::internal);
  EXPECT_ERROR(this->get("SELECT CAST(?1 AS {int64})", 1, 2), Code::internal);
  EXPECT_ERROR(this->get("SELECT 1", 1), Code::internal);
}

TYPED_TEST(Conformance, AStatementThatIsNotOneIsRefused) {
  EXPECT_ERROR(this->run("SELEKT 1"), Code::internal);
  EXPECT_ERROR(this->run("SELECT * FROM nothing_of_that_name"), Code::internal);
  EXPECT_ERROR(this->run("INSERT INTO item (id) VALUES (1); INSERT INTO item (id) VALUES (2)"),
               Code::internal);
  EXPECT_ERROR(this->run("SELECT ?"), Code::internal);
  EXPECT_ERROR(this->run("SELECT {nonsense}"), Code::internal);
  EXPECT_ERROR(this->run("SELECT 'open"), Code::internal);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 0);
}

TYPED_TEST(Conformance, TextThatOneEngineWouldNotKeepIsRefusedByBoth) {
  EXPECT_ERROR(this->run("INSERT INTO item (id, name) VALUES (1, ?1)", std::string("a\0b", 3)),
               Code::malformed);
  EXPECT_ERROR(this->run("INSERT INTO item (id, name) VALUES (1, ?1)", "\xff\xfe"),
               Code::malformed);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 0);
}

TYPED_TEST(Conformance, ASnapshotCannotWrite) {
  EXPECT_ERROR(this->database_->with_snapshot(
                   [](Transaction& t) { return t.execute("INSERT INTO item (id) VALUES (1)"); }),
               Code::internal);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 0);
  EXPECT_TRUE(this->database_->healthy());
}

// One function reads a row for those who will write it and for those who only look.
TYPED_TEST(Conformance, ASnapshotLeavesLocksOutAndATransactionTakesThem) {
  ASSERT_OK(this->run("INSERT INTO item (id) VALUES (7)"));
  const auto read = [](Transaction& t) {
    return t.get_row("SELECT id FROM item WHERE id = ?1 {for_update}", 7);
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_OK(this->database_->with_snapshot(read));
    EXPECT_OK(this->database_->with_transaction(read));
  }
}

TYPED_TEST(Conformance, ASnapshotSeesOneStateWhileOthersWrite) {
  ASSERT_OK(this->database_->with_snapshot([&](Transaction& t) -> Status {
    HEQI_TRY(const auto before, t.get_row("SELECT COUNT(*) FROM item"));
    EXPECT_OK(this->run("INSERT INTO item (id) VALUES (1)"));
    HEQI_TRY(const auto after, t.get_row("SELECT COUNT(*) FROM item"));
    EXPECT_EQ(before.int64(0), after.int64(0));
    return {};
  }));
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 1);
}

TYPED_TEST(Conformance, AnAnswerOfTooManyRowsIsRefused) {
  const auto rows = this->database_->with_snapshot([](Transaction& t) {
    return t.query(
        "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS {int64}) UNION ALL"
        " SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n",
        kRowsMax + 1);
  });
  EXPECT_ERROR(rows, Code::limit_exceeded);
}

TYPED_TEST(Conformance, WhatWasCommittedIsThereAfterOpeningAgain) {
  ASSERT_OK(this->run("INSERT INTO item (id, name) VALUES (1, 'kept')"));
  this->database_.reset();
  this->database_ = this->open();
  EXPECT_EQ(this->get("SELECT name FROM item")->text(0), "kept");
}

TYPED_TEST(Conformance, AnErrorInAScriptUndoesAllOfIt) {
  EXPECT_ERROR(this->database_->with_transaction([](Transaction& t) {
    return t.execute_script(
        "CREATE TABLE extra (id {int64}) {strict}; INSERT INTO extra VALUES (1); SELEKT");
  }),
               Code::internal);
  EXPECT_ERROR(this->get("SELECT id FROM extra"), Code::internal);
}

}  // namespace
}  // namespace heqi::sql

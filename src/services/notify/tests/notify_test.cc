#include <heqi/base/text.h>
#include <heqi/services/notify/mail.h>
#include <heqi/services/notify/notifier.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/mail_sink.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

namespace heqi::services::notify {
namespace {

using base::Code;
using base::Status;

base::Time noon() {
  return *base::parse_rfc3339("2026-11-21T12:00:00Z");
}

Notice invitation(std::string id = "n-1") {
  Notice notice;
  notice.id = std::move(id);
  notice.kind = Kind::invitation;
  notice.to_name = "张三";
  notice.to_address = "zhang@example.cn";
  notice.title = "房屋租赁合同";
  notice.by = "李四";
  notice.link = "https://sign.example.cn/s/abcdef";
  notice.until = noon() + std::chrono::hours(48);
  return notice;
}

Notice code_notice() {
  Notice notice;
  notice.id = "code-1";
  notice.kind = Kind::authorisation_code;
  notice.to_name = "张三";
  notice.to_address = "zhang@example.cn";
  notice.code_id = "c1";
  notice.until = noon() + std::chrono::hours(24);
  return notice;
}

TEST(Mail, IsAsciiWithShortLinesAndReadsBack) {
  Mail mail;
  mail.from_name = "合契 Heqi";
  mail.from_address = "notice@heqi.invalid";
  mail.to_name = "张三丰张三丰张三丰张三丰张三丰张三丰张三丰";
  mail.to_address = "zhang@example.cn";
  mail.subject = "请签署：" + std::string(200, 'x') + "合同";
  mail.body = "第一行 = 100%\n" + std::string(200, 'y') + " \n.\n\nhttps://a/b?c=d\n";
  mail.message_id = "n-1@heqi.invalid";
  mail.label = "invitation";
  mail.date = noon();
  const auto encoded = encode_mail(mail);
  ASSERT_OK(encoded);
  const std::string_view text = base::text_of(*encoded);
  for (std::string_view line : base::split(text, '\n')) {
    EXPECT_LE(line.size(), 78u) << line;
    EXPECT_TRUE(line.empty() || line.ends_with('\r')) << line;
    for (char c : line) EXPECT_GT(c, 0);
  }
  EXPECT_NE(text.find("\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n"), std::string_view::npos);
  EXPECT_NE(text.find("\r\nMessage-ID: <n-1@heqi.invalid>\r\n"), std::string_view::npos);
  const auto read = parse_mail(*encoded);
  ASSERT_OK(read);
  EXPECT_EQ(read->subject, mail.subject);
  EXPECT_EQ(read->to_name, mail.to_name);
  EXPECT_EQ(read->to_address, mail.to_address);
  EXPECT_EQ(read->body, mail.body);
  EXPECT_EQ(read->date, mail.date);
  EXPECT_EQ(read->label, "invitation");
}

TEST(Mail, RefusesWhatCouldAddAHeaderField) {
  Mail mail;
  mail.from_address = "a@b";
  mail.to_address = "c@d";
  mail.message_id = "e@f";
  ASSERT_OK(encode_mail(mail));
  const auto refused = [&](std::string Mail::*field, const char* value) {
    Mail bad = mail;
    bad.*field = value;
    return heqi::testing::is_error(encode_mail(bad), Code::malformed);
  };
  EXPECT_TRUE(refused(&Mail::subject, "x\r\nBcc: y@z"));
  EXPECT_TRUE(refused(&Mail::to_name, "x\nBcc: y@z"));
  EXPECT_TRUE(refused(&Mail::to_address, "c@d>\r\nBcc: <y@z"));
  EXPECT_TRUE(refused(&Mail::to_address, "c@d,e@f"));
  EXPECT_TRUE(refused(&Mail::message_id, "e f@g"));
  EXPECT_TRUE(refused(&Mail::label, "x\ny"));
  EXPECT_TRUE(refused(&Mail::body, "\xff"));
}

TEST(Notice, EveryKindIsRenderedInBothLanguagesWithWhatBelongsToIt) {
  for (int i = 0; i <= static_cast<int>(Kind::signed_in); ++i) {
    Notice notice = invitation();
    notice.kind = static_cast<Kind>(i);
    notice.reason = "a reason";
    notice.code_id = "c1";
    const NoticeText text = render_notice(notice, "THE-CODE");
    EXPECT_EQ(text.body.find('{'), std::string::npos) << text.body;
    EXPECT_NE(text.body.find("您好"), std::string::npos);
    EXPECT_NE(text.body.find("Dear 张三"), std::string::npos);
    EXPECT_EQ(find_kind(kind_name(notice.kind)), notice.kind);
    // Only the notice of a code carries the code.
    EXPECT_EQ(text.body.find("THE-CODE") != std::string::npos,
              notice.kind == Kind::authorisation_code || notice.kind == Kind::one_time_code);
    EXPECT_EQ(text.subject.find("THE-CODE"), std::string::npos);
  }
}

TEST(Notice, TimesAreToldToTheMinuteInTheReadersZone) {
  Notice notice = invitation();
  notice.until = *base::parse_rfc3339("2026-12-31T16:05:59.123456Z");
  const std::string body = render_notice(notice, "").body;
  EXPECT_NE(body.find("请在 2027年1月1日 00:05（北京时间） 前完成"), std::string::npos) << body;
  EXPECT_NE(body.find("Please finish by 1 Jan 2027, 00:05 (UTC+8)."), std::string::npos) << body;
  for (const char* part : {"123456", "05:59", "T16", "Z"})
    EXPECT_EQ(body.find(part), std::string::npos) << part;
  // What is kept is the time itself.
  EXPECT_EQ(decode_notice(base::bytes_of(encode_notice(notice)))->until, notice.until);
}

TEST(Notice, ALineWithNothingToSayIsLeftOut) {
  Notice notice = invitation();
  notice.kind = Kind::completed;
  notice.by.clear();
  notice.until.reset();
  EXPECT_NE(render_notice(notice, "").body.find("下载"), std::string::npos);
  notice.link.clear();
  ASSERT_OK(check_notice(notice));
  EXPECT_EQ(render_notice(notice, "").body.find("下载"), std::string::npos);
}

TEST(Notice, ATextIsNotLookedIntoForPlaceholders) {
  Notice notice = invitation();
  notice.title = "{link}{code}";
  EXPECT_NE(render_notice(notice, "X").subject.find("{link}{code}"), std::string::npos);
}

// shows: MSSP-6.2.2-p
TEST(Notice, ThatACertificateWasIssuedCannotCarryACode) {
  Notice notice;
  notice.id = "issued-1";
  notice.kind = Kind::certificate_issued;
  notice.to_name = "张三";
  notice.to_address = "zhang@example.cn";
  notice.title = "CN=张三";
  ASSERT_OK(check_notice(notice));
  const NoticeText text = render_notice(notice, "K7QF2M-9XRT4-W8HJD");
  EXPECT_NE(text.body.find("CN=张三"), std::string::npos);
  EXPECT_EQ(text.body.find("K7QF2M"), std::string::npos);
  notice.code_id = "c1";
  EXPECT_ERROR(check_notice(notice), Code::malformed);
}

TEST(Notice, IsCheckedFieldByField) {
  ASSERT_OK(check_notice(invitation()));
  const auto refused = [](auto change) {
    Notice notice = invitation();
    change(notice);
    return heqi::testing::is_error(check_notice(notice), Code::malformed);
  };
  EXPECT_TRUE(refused([](Notice& n) { n.id = "../x"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.id = ""; }));
  EXPECT_TRUE(refused([](Notice& n) { n.id = ".hidden"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.id = std::string(kNoticeIdMax + 1, 'a'); }));
  EXPECT_TRUE(refused([](Notice& n) { n.to_address = "zhang"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.to_name = "a\nb"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.title = "a\r\nb"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.title = std::string(kNoticeTextMax + 1, 'a'); }));
  EXPECT_TRUE(refused([](Notice& n) { n.title.clear(); }));
  EXPECT_TRUE(refused([](Notice& n) { n.link = "javascript:x"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.link.clear(); }));
  EXPECT_TRUE(refused([](Notice& n) { n.code_id = "c1"; }));
  EXPECT_TRUE(refused([](Notice& n) { n.reason = "not of an invitation"; }));
}

// FailingStore fails to create until it is told otherwise.
class FailingStore final : public base::FileStore {
 public:
  base::Result<base::Bytes> read(std::string_view name, std::size_t max) const override {
    return store.read(name, max);
  }
  Status write(std::string_view name, base::ByteView content) override {
    return store.write(name, content);
  }
  Status create(std::string_view name, base::ByteView content) override {
    if (failing) return base::fail(Code::storage, "no space");
    return store.create(name, content);
  }
  Status append(std::string_view name, base::ByteView content) override {
    return store.append(name, content);
  }
  Status remove(std::string_view name) override { return store.remove(name); }
  base::Result<std::vector<std::string>> list(std::string_view folder) const override {
    return store.list(folder);
  }
  heqi::testing::MemoryStore store;
  bool failing = false;
};

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() {
    auto opened =
        sql::Database::open({.url = heqi::testing::usual_database(folder.path(), "data.db")});
    EXPECT_OK(opened);
    database = std::move(*opened);
    const sql::Component components[] = {flow::schema(), schema()};
    EXPECT_OK(sql::apply_migrations(*database, components, clock));
    outbox.emplace(*database, clock, random, log);
  }
  void make(NotifierOptions options = {}) {
    notifier.emplace(*database, *outbox, files, clock, std::move(options));
  }
  Status send(const Notice& notice) {
    return database->with_transaction(
        [&](sql::Transaction& transaction) { return notifier->send(transaction, notice); });
  }
  void drain() {
    for (;;) {
      const auto handled = outbox->drain();
      ASSERT_OK(handled);
      if (*handled == 0) return;
    }
  }
  NotifierOptions with_smtp() {
    NotifierOptions options;
    options.smtp.emplace();
    options.smtp->host = "127.0.0.1";
    options.smtp->port = sink.port();
    options.smtp->security = http::SmtpSecurity::none;
    return options;
  }

  heqi::testing::TemporaryFolder folder;
  heqi::testing::FakeClock clock{noon()};
  heqi::testing::SeededRandom random{1};
  base::NullLog log;
  FailingStore files;
  heqi::testing::MailSink sink;
  std::unique_ptr<sql::Database> database;
  std::optional<flow::Outbox> outbox;
  std::optional<Notifier> notifier;
};

// shows-part: ECP-CON-13 (SMS and callbacks)
TEST_F(NotifierTest, ANoticeBecomesOneFileHoweverOftenItIsSent) {
  make();
  ASSERT_OK(send(invitation()));
  ASSERT_OK(send(invitation()));
  drain();
  ASSERT_OK(send(invitation()));
  drain();
  ASSERT_EQ(files.store.files.size(), 1u);
  const auto mail = parse_mail(files.store.files.at("n-1.eml"));
  ASSERT_OK(mail);
  EXPECT_EQ(mail->subject, "请签署：房屋租赁合同 / Please sign: 房屋租赁合同");
  EXPECT_EQ(mail->to_address, "zhang@example.cn");
  EXPECT_NE(mail->body.find("https://sign.example.cn/s/abcdef\n"), std::string::npos);
  EXPECT_NE(mail->body.find("2026年11月23日 20:00（北京时间）"), std::string::npos);
  const auto delivery = notifier->get_delivery("n-1");
  ASSERT_OK(delivery);
  EXPECT_EQ(delivery->attempts, 1);
  EXPECT_TRUE(delivery->filed_at.has_value());
  EXPECT_FALSE(delivery->mailed_at.has_value());
}

TEST_F(NotifierTest, ANoticeOfATransactionThatIsRolledBackIsNotSent) {
  make();
  EXPECT_ERROR(database->with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(notifier->send(transaction, invitation()));
    return base::fail(Code::conflict, "changed my mind");
  }),
               Code::conflict);
  drain();
  EXPECT_TRUE(files.store.files.empty());
  EXPECT_ERROR(notifier->get_delivery("n-1"), Code::not_found);
}

TEST_F(NotifierTest, ADiskThatIsFullForAWhileDelaysTheNotice) {
  make();
  files.failing = true;
  ASSERT_OK(send(invitation()));
  drain();
  EXPECT_TRUE(files.store.files.empty());
  EXPECT_NE(notifier->get_delivery("n-1")->last_error, "");
  files.failing = false;
  clock.advance(std::chrono::minutes(1));
  drain();
  EXPECT_EQ(files.store.files.size(), 1u);
  EXPECT_EQ(notifier->get_delivery("n-1")->attempts, 2);
  EXPECT_EQ(notifier->get_delivery("n-1")->last_error, "");
}

// shows-part: ECP-3.2.4.3-d (SMS)
TEST_F(NotifierTest, AMailServerThatIsDownDelaysTheMailAndNothingElse) {
  make(with_smtp());
  sink.answer_to("RCPT", "450 later");
  ASSERT_OK(send(invitation()));
  drain();
  EXPECT_EQ(files.store.files.size(), 1u);
  EXPECT_TRUE(sink.mails().empty());
  sink.answer_to("RCPT", "250 ok");
  clock.advance(std::chrono::minutes(1));
  drain();
  ASSERT_EQ(sink.mails().size(), 1u);
  EXPECT_EQ(files.store.files.size(), 1u);
  EXPECT_EQ(sink.mails()[0].from, "notice@heqi.invalid");
  // What was mailed is what was filed.
  EXPECT_EQ(sink.mails()[0].message, base::text_of(files.store.files.at("n-1.eml")));
  EXPECT_TRUE(notifier->get_delivery("n-1")->mailed_at.has_value());
}

TEST_F(NotifierTest, AnAddressThatTheServerRefusesForGoodIsGivenUpAndTold) {
  make(with_smtp());
  sink.answer_to("RCPT", "550 no such user");
  ASSERT_OK(send(invitation()));
  drain();
  clock.advance(std::chrono::hours(24));
  drain();
  EXPECT_EQ(notifier->get_delivery("n-1")->attempts, 1);
  EXPECT_EQ(outbox->count()->dead, 1);
}

// shows-part: MSSP-6.2.2-pre2 (the code itself: identity)
TEST_F(NotifierTest, ACodeStandsInTheMailAndNowhereInTheDatabase) {
  if (heqi::testing::runs_on_postgresql()) GTEST_SKIP() << "reads the file of the other engine";
  NotifierOptions options;
  options.codes = [](const std::string& id) -> base::Result<std::string> {
    EXPECT_EQ(id, "c1");
    return std::string("K7QF2M-9XRT4-W8HJD");
  };
  make(std::move(options));
  ASSERT_OK(send(code_notice()));
  drain();
  const auto mail = parse_mail(files.store.files.at("code-1.eml"));
  ASSERT_OK(mail);
  EXPECT_NE(mail->body.find("\nK7QF2M-9XRT4-W8HJD\n"), std::string::npos);
  EXPECT_EQ(mail->subject.find("K7QF2M"), std::string::npos);
  for (const char* name : {"/data.db", "/data.db-wal"}) {
    const auto content = base::read_file(folder.path() + name, 1 << 24);
    if (!content) continue;
    EXPECT_EQ(base::text_of(*content).find("K7QF2M"), std::string_view::npos) << name;
  }
}

TEST_F(NotifierTest, ACodeThatCanNoLongerBeUsedIsNotMailed) {
  Code reason = Code::identity_code_void;
  NotifierOptions options;
  options.codes = [&](const std::string&) -> base::Result<std::string> {
    return base::fail(reason);
  };
  make(std::move(options));
  std::int64_t dead = 0;
  for (Code code : {Code::identity_code_void, Code::expired, Code::not_found}) {
    reason = code;
    Notice notice = code_notice();
    notice.id = "code-" + std::to_string(++dead);
    ASSERT_OK(send(notice));
    drain();
    EXPECT_TRUE(files.store.files.empty());
    EXPECT_EQ(outbox->count()->dead, dead);
  }
}

TEST_F(NotifierTest, ACodeThatCannotBeHadNowComesLater) {
  bool there = false;
  NotifierOptions options;
  options.codes = [&](const std::string&) -> base::Result<std::string> {
    if (!there) return base::fail(Code::unavailable, "the key centre");
    return std::string("K7QF2M-9XRT4-W8HJD");
  };
  make(std::move(options));
  ASSERT_OK(send(code_notice()));
  drain();
  EXPECT_TRUE(files.store.files.empty());
  there = true;
  clock.advance(std::chrono::minutes(1));
  drain();
  EXPECT_EQ(files.store.files.size(), 1u);
}

TEST_F(NotifierTest, ABadNoticeNeverEntersTheOutbox) {
  make();
  Notice notice = invitation();
  notice.title = "a\nb";
  EXPECT_ERROR(send(notice), Code::malformed);
  EXPECT_EQ(outbox->count()->waiting, 0);
}

}  // namespace
}  // namespace heqi::services::notify

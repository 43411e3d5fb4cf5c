#include <heqi/http/smtp.h>

#include <heqi/testing/expect.h>

#include <heqi/testing/mail_sink.h>

namespace heqi::http {
namespace {

using base::Code;
using heqi::testing::MailSink;

constexpr std::string_view kMessage =
    "From: a@example.cn\r\nTo: b@example.cn\r\nSubject: x\r\n\r\n.a dot\r\n..\r\nend\r\n";

class SmtpTest : public ::testing::Test {
 protected:
  base::Status send(const Envelope& envelope, SmtpSecurity security = SmtpSecurity::none) {
    SmtpOptions options;
    options.host = "127.0.0.1";
    options.port = sink.port();
    options.security = security;
    return send_mail(options, envelope, base::bytes_of(kMessage));
  }
  MailSink sink;
};

TEST_F(SmtpTest, TheMessageArrivesAsItWas) {
  EXPECT_OK(send({"a@example.cn", {"b@example.cn", "c@example.cn"}}));
  const auto mails = sink.mails();
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].from, "a@example.cn");
  EXPECT_EQ(mails[0].to, (std::vector<std::string>{"b@example.cn", "c@example.cn"}));
  EXPECT_EQ(mails[0].message, kMessage);
}

TEST_F(SmtpTest, ARefusalForGoodIsDeniedAndOneForNowIsUnavailable) {
  sink.answer_to("RCPT", "550 no such user");
  EXPECT_ERROR(send({"a@example.cn", {"b@example.cn"}}), Code::denied);
  sink.answer_to("RCPT", "450 later");
  EXPECT_ERROR(send({"a@example.cn", {"b@example.cn"}}), Code::unavailable);
  sink.answer_to("RCPT", "250 ok");
  sink.answer_to(".", "451 later");
  EXPECT_ERROR(send({"a@example.cn", {"b@example.cn"}}), Code::unavailable);
  sink.answer_to(".", "554 never");
  EXPECT_ERROR(send({"a@example.cn", {"b@example.cn"}}), Code::denied);
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(SmtpTest, NothingIsSentInTheClearWhereTlsIsAsked) {
  EXPECT_ERROR(send({"a@example.cn", {"b@example.cn"}}, SmtpSecurity::starttls), Code::unavailable);
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(SmtpTest, AddressesThatCouldCarryACommandAreRefused) {
  for (const char* address :
       {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b,c@d", "a@b;"})
    EXPECT_ERROR(send({"a@example.cn", {address}}), Code::malformed) << address;
  EXPECT_ERROR(send({"a@b>c", {"b@example.cn"}}), Code::malformed);
  EXPECT_ERROR(send({"a@example.cn", {}}), Code::malformed);
}

TEST_F(SmtpTest, AServerThatIsNotThereIsUnavailable) {
  SmtpOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  options.security = SmtpSecurity::none;
  EXPECT_ERROR(send_mail(options, {"a@b", {"c@d"}}, base::bytes_of(kMessage)), Code::unavailable);
  options.host = "x/y";
  EXPECT_ERROR(send_mail(options, {"a@b", {"c@d"}}, base::bytes_of(kMessage)), Code::malformed);
}

}  // namespace
}  // namespace heqi::http

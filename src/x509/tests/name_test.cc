#include <gtest/gtest.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;
using testing::hex;

TEST(Name, IsWrittenAndReadInRfc4514Form) {
  EXPECT_EQ(name_of("张三").text(), "CN=张三,O=合契测试,C=CN");
  auto name = Name::make({{oids::organization(), " a,b+c\"d\\e<f>g;h=i "},
                          {oids::common_name(), "#x\x01"},
                          {oids::email_address(), "a@b.test"}});
  ASSERT_OK(name);
  EXPECT_EQ(name->text(),
            "emailAddress=a@b.test,CN=\\#x\\01,O=\\ a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i\\ ");
  EXPECT_EQ(Name().text(), "");
  EXPECT_TRUE(Name().empty());
}

TEST(Name, UnknownTypesReadAsHexadecimal) {
  auto name = Name::make({{asn1::Oid::of("1.2.3.4"), "x"}});
  ASSERT_OK(name);
  EXPECT_EQ(name->text(), "1.2.3.4=#0c0178");
}

TEST(Name, SeveralAttributesOfOneRelativeNameStayTogether) {
  auto name =
      Name::parse(hex("301d 310b 3009 0603550406 1302434e"
                      "310e 300506035504030c0141"));
  EXPECT_FALSE(name);  // the lengths inside lie
  name =
      Name::parse(hex("3023 310b 3009 0603550406 1302434e"
                      "3114 3008 0603550403 0c0141 3008 060355040b 0c0142"));
  ASSERT_OK(name);
  EXPECT_EQ(name->text(), "CN=A+OU=B,C=CN");
}

TEST(Name, BrokenTextReadsAsHexadecimalAndKeepsItsOctets) {
  const base::Bytes der = hex("300d 310b 3009 0603550403 1302d6d0");  // GBK in a PrintableString
  auto name = Name::parse(der);
  ASSERT_OK(name);
  EXPECT_EQ(name->common_name(), "#1302d6d0");
  EXPECT_EQ(name->text(), "CN=#1302d6d0");
  EXPECT_EQ(base::to_hex(name->der()), base::to_hex(der));
}

TEST(Name, ANulInACommonNameDoesNotCutIt) {
  auto name = Name::parse(hex("300f 310d 300b 0603550403 0c04 61006263"));
  ASSERT_OK(name);
  EXPECT_EQ(name->common_name(), "#0c0461006263");
}

TEST(Name, ThatIsNotDerIsRefused) {
  for (const char* der : {"", "3080", "3000 00", "3100", "30023000", "3002 3100", "3004 3102 3000",
                          "3009 3107 3005 0603550403", "300c 310a 3008 0603550403 0c0141 00",
                          "30023102", "300e 310c 300a 0603550403 0c0141 0500"})
    EXPECT_ERROR(Name::parse(hex(der)), Code::malformed) << der;
}

TEST(Name, BeyondTheLimitsIsRefused) {
  base::Bytes rdns;
  for (std::size_t i = 0; i <= kNameAttributesMax; ++i)
    base::append(rdns, hex("310a 3008 0603550403 0c0141"));
  EXPECT_ERROR(Name::parse(asn1::Writer().element(asn1::kSequence, rdns).take()),
               Code::limit_exceeded);
  const base::Bytes large(kNameSizeMax);
  EXPECT_ERROR(Name::parse(asn1::Writer().element(asn1::kSequence, large).take()),
               Code::limit_exceeded);
}

TEST(Name, IsNotMadeOfWhatItsTypesCannotHold) {
  EXPECT_ERROR(Name::make({{oids::common_name(), ""}}), Code::malformed);
  EXPECT_ERROR(Name::make({{oids::common_name(), "\xff"}}), Code::malformed);
  EXPECT_ERROR(Name::make({{oids::common_name(), std::string("a\0b", 3)}}), Code::malformed);
  EXPECT_ERROR(Name::make({{oids::country(), "中国"}}), Code::malformed);
  EXPECT_ERROR(Name::make({{oids::email_address(), "张@b.test"}}), Code::malformed);
  EXPECT_ERROR(Name::make({{oids::common_name(), std::string(257, 'a')}}), Code::limit_exceeded);
}

TEST(Name, MatchesWithoutRegardToStringTypeCaseAndSpaces) {
  const Name a = *Name::make({{oids::common_name(), "Root  Test "}});
  const Name b = *Name::parse(hex("3014 3112 3010 0603550403 1309 726f6f742074657374"));
  EXPECT_FALSE(a == b);
  EXPECT_TRUE(a.matches(b));
  EXPECT_FALSE(a.matches(*Name::make({{oids::common_name(), "RootTest"}})));
  EXPECT_FALSE(a.matches(*Name::make({{oids::organization(), "Root Test"}})));
  EXPECT_FALSE(a.matches(Name()));
}

}  // namespace
}  // namespace heqi::x509

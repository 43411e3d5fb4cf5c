// What a service key signs is what its purpose names.
#include <heqi/keys/service_keys.h>
#include <heqi/testing/expect.h>

namespace heqi::keys {
namespace {

constexpr Purpose kAll[] = {Purpose::certificates, Purpose::status_answers, Purpose::time_stamps,
                            Purpose::statements, Purpose::channel};

TEST(ServiceKeyPurpose, ARequestIsSignedByAnApplicationsKeyAlone) {
  const base::ByteView request = base::bytes_of("HEQI-SM2-1\nheqi-contracts\n1\nPOST\n/told\n");
  for (const Purpose purpose : kAll) {
    if (purpose == Purpose::statements)
      EXPECT_OK(check_purpose(purpose, request));
    else
      EXPECT_ERROR(check_purpose(purpose, request), base::Code::denied);
  }
}

TEST(ServiceKeyPurpose, OtherTextIsSignedByNoKey) {
  for (const std::string_view text : {"", "HEQI-SM2-1", "HEQI-SM2-2\nx", " HEQI-SM2-1\n", "hello"})
    for (const Purpose purpose : kAll)
      EXPECT_ERROR(check_purpose(purpose, base::bytes_of(text)), base::Code::denied) << text;
}

}  // namespace
}  // namespace heqi::keys

#include "phone.h"
namespace heqi::testing {
TEST(Smoke, Works) {
  House house;
  const std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone(house);
  const auto step = phone.enrol(house.code_for(zhang));
  ASSERT_OK(step);
  EXPECT_EQ(step->outcome, "certificate_installed");
  auto status =
      house.services->transactions.submit("bank", house.request("bank", "t-1", zhang, "data"));
  ASSERT_OK(status);
  const auto done = phone.sign();
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
  EXPECT_EQ(must(house.services->transactions.query("bank", status->id)).state, "DONE");
}
}  // namespace heqi::testing

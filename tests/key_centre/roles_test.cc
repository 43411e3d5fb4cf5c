// Table 1 of T/ZSA 67.3 §10.1 at both halves of the module: what is the user's the user does, and
// the administrator, signed in, has no way to ask for it.
#include <heqi/asn1/writer.h>
#include <heqi/device/local_services.h>
#include <heqi/x509/sm2_encoding.h>

#include "administered.h"

namespace heqi::joined {
namespace {

using base::Bytes;
using base::Code;
using device::LocalRequest;
using device::LocalService;
using device::ModuleService;
using device::Role;

constexpr ModuleService kOfTheUser[] = {ModuleService::initialise_device, ModuleService::sign,
                                        ModuleService::verify, ModuleService::encrypt,
                                        ModuleService::decrypt};

// shows: KEP-10-T2, KEP-10-T3, KEP-10-T4, KEP-10-T5, KEP-10-T6
TEST(RolesOfTheModule, TheUserInitialisesSignsVerifiesEncryptsAndDecrypts) {
  House house;
  ASSERT_OK(house.world.msd->initialise());
  ASSERT_OK(house.enrol());
  EXPECT_EQ(must(house.sign()).outcome, "signed");
  const auto use = [&](LocalRequest request) {
    return house.confirm(house.world.msd->use_local_key(std::move(request)));
  };
  const Bytes text = base::to_bytes("the text itself"),
              point = must(use({LocalService::generate, "mail", {}})).message;
  const Bytes value = must(use({LocalService::sign, "mail", text})).message;
  EXPECT_OK(use({LocalService::verify, {}, device::encode_verification({point, text, value})}));
  const Bytes sealed =
      must(use({LocalService::encrypt, {}, device::encode_encryption({point, text})})).message;
  EXPECT_EQ(must(use({LocalService::decrypt, "mail", sealed})).message, text);
}

// shows: KEP-10-T2   mutant: tests/mutants/KEP-10-T2
// shows: KEP-10-T3, KEP-10-T4, KEP-10-T5, KEP-10-T6
TEST(RolesOfTheModule, TheAdministratorHasNoActThatIsTheUsers) {
  House house;
  ASSERT_OK(house.enrol());
  Desk desk(house.centre);
  for (const ModuleService service : kOfTheUser) {
    EXPECT_TRUE(device::permits(Role::user, service));
    EXPECT_FALSE(device::permits(Role::administrator, service));
  }
  for (int number = 1; number <= static_cast<int>(keys::kLastAct); ++number) {
    const ModuleService service = keys::service_of(static_cast<Act>(number));
    EXPECT_TRUE(device::permits(Role::administrator, service)) << number;
    EXPECT_FALSE(device::permits(Role::user, service)) << number;
  }
  // There is no act beyond them, and what a device sends does nothing as an act.
  for (const int number : {0, static_cast<int>(keys::kLastAct) + 1, 99})
    EXPECT_ERROR(desk.act({.act = static_cast<Act>(number)}), Code::unsupported) << number;
  const std::size_t before = desk.acts().size();
  const auto waiting = house.world.msd->poll();
  ASSERT_OK(waiting);
  EXPECT_FALSE(house.centre.ask(keys::Operation::administer, waiting->message));
  for (const keys::RecordedAct& act : desk.acts())
    if (act.role == Role::administrator) {
      EXPECT_TRUE(act.act != "sign" && act.act != "make_key") << act.act;
    }
  EXPECT_GE(desk.acts().size(), before);
}

}  // namespace
}  // namespace heqi::joined

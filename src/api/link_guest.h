// link_guest.h: who holds a link of a notice, and what of theirs is proved.
#pragma once
#include <heqi/api/api.h>

namespace heqi::api {

// Guest is who holds a link: the party it was made for, as far as that is proved.
struct Guest {
  std::string subject;  // contract and position
  services::contract::Contract contract;
  services::contract::Party party;
  services::identity::Person person;
};

// guest_of fails with denied (a foreign page sends this), not_found (no such link).
base::Result<Guest> guest_of(Services& services, const http::Request& request);

// session_of is the session whose token the request states (Authorization: Bearer …). Fails with
// unauthenticated: the one-time code was not given, or for another link, or too long ago.
base::Result<services::identity::LinkSession> session_of(Services& services, const Guest& guest,
                                                         const http::Request& request);

// proved_guest_of is guest_of with a session: a link can be forwarded, and alone it neither gives
// the file nor declines.
base::Result<Guest> proved_guest_of(Services& services, const http::Request& request);

}  // namespace heqi::api

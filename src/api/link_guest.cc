#include "link_guest.h"

#include "caller.h"

namespace heqi::api {

base::Result<Guest> guest_of(Services& services, const http::Request& request) {
  HEQI_TRY(check_origin(request));
  HEQI_TRY(auto invitation, services.platform.open_link(request.path_text("link")));
  HEQI_TRY(auto person, services.persons.get(invitation.party.person_id));
  return Guest{invitation.contract.id + "." + std::to_string(invitation.party.position),
               std::move(invitation.contract), std::move(invitation.party), std::move(person)};
}

// There is no cookie at this origin: what another site makes a browser send carries no token.
base::Result<services::identity::LinkSession> session_of(Services& services, const Guest& guest,
                                                         const http::Request& request) {
  const std::string header = request.header("authorization").value_or("");
  constexpr std::string_view scheme = "Bearer ";
  if (!header.starts_with(scheme))
    return base::fail(base::Code::unauthenticated, "the one-time code is needed first");
  return services.link_sessions.get(guest.subject, std::string_view(header).substr(scheme.size()));
}

base::Result<Guest> proved_guest_of(Services& services, const http::Request& request) {
  HEQI_TRY(Guest guest, guest_of(services, request));
  HEQI_TRY(session_of(services, guest, request));
  return guest;
}

}  // namespace heqi::api

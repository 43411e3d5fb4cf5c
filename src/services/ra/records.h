// records.h: applications as rows.
#pragma once
#include <heqi/services/ra/desk.h>

namespace heqi::services::ra {

// add_application is false where the id is taken.
base::Result<bool> add_application(sql::Transaction& tx, const Application& application,
                                   std::string_view state, base::Time now);
base::Result<Application> read_application(sql::Transaction& tx, const std::string& id);
bool same_application(const Application& a, const Application& b);

}  // namespace heqi::services::ra

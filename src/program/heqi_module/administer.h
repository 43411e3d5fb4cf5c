// administer.h: the administrator's acts from a terminal: connects to a running key centre, signs
// in with the password from standard input, does one act and prints its answer.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/result.h>

namespace heqi {

// administer does arguments[0] (an act by name) with its subject and reason at the key centre that
// listens on socket. Standard input holds the password, one line; for change_password the old one
// and the new one twice. The subject of back_up and restore is a file. Fails as the key centre
// does.
base::Status administer(const std::string& socket, const std::vector<std::string>& arguments);

// administer_help names the acts.
std::string administer_help();

}  // namespace heqi

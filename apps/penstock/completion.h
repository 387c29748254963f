// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/command.h"

namespace penstock {

/// A script that completes commands, options, words and files, for one shell.
std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

}  // namespace penstock

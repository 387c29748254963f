// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "penstock/command.h"
#include "sdk/catalog.h"

namespace penstock {

/// Where a component's page sends the reader for what only its README says.
enum class Readme : uint8_t {
  kLinked,    ///< a link, for the committed pages
  kIncluded,  ///< the text itself, for a terminal
};

/// Markdown about every component of one type name: what it is, its guarantees, options, example.
std::string component_page(const std::vector<const Component*>& components, Readme readme);

/// Every page of the reference by its name below the folder ("components/noop_source.md"), the
/// editors' schema included. All of it comes from the program: nothing in the folder is written by
/// hand.
std::map<std::string, std::string> reference_pages(const Catalog& catalog,
                                                   const std::vector<Command>& commands);

/// JSON Schema (draft 2020-12) of a flow with the options of every component. Accepts an
/// interpolation (`${NAME}`) wherever a value may stand.
std::string flow_json_schema(const Catalog& catalog);

}  // namespace penstock

# SPDX-License-Identifier: Apache-2.0
"""Counts words with DuckDB: duckdb_words.py INPUT OUTPUT"""
import sys

import duckdb

SOURCE, OUTPUT = sys.argv[1:3]
duckdb.connect().sql(f"""
  copy (select word, count(*)
        from (select unnest(string_split(line, ' ')) as word
              from read_csv('{SOURCE}', header = false, delim = '\x01', quote = '', escape = '',
                            columns = {{'line': 'VARCHAR'}}))
        group by word)
  to '{OUTPUT}' (header false, delimiter '\t')""")

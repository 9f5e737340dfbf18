"""OpenAPI documents read into operations; nothing here knows of databases.

`read.read_document` reads a file into a `model.Document` of `model.Operation`s. OpenAPI 3.0, 3.1
and 3.2 are read as they stand, Swagger 2.0 is converted to 3.0 first. Files that the document
refers to are brought in, references inside it stay and are followed when needed
(`Document.follow`).

    read ── text, load (json, yaml ── bounds, compose)     bytes to data
      ├──── sniff                                          what a file is that is no OpenAPI
      ├──── external (refs)                                other files brought in
      ├──── duplicates, check, dangling                    what is wrong, as findings
      ├──── swagger                                        2.0 to 3.0
      ├──── operations (parts, examples, follow)           data to model
      └──── findings, places (position)                    line and column, only for messages

For other rooms: `read`, `model`, `schema` (questions to raw schemas), `yaml`.
"""

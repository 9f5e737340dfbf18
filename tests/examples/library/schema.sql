CREATE TABLE accounts_users (
  id INTEGER PRIMARY KEY,
  username VARCHAR(60) NOT NULL UNIQUE,
  email VARCHAR(120) NOT NULL UNIQUE,
  password VARCHAR(128) NOT NULL,
  first_name VARCHAR(60) NOT NULL DEFAULT '',
  is_active BOOLEAN NOT NULL DEFAULT 1,
  is_staff BOOLEAN NOT NULL DEFAULT 0,
  date_joined DATETIME NOT NULL
);
CREATE TABLE authtoken_tokens (
  key VARCHAR(40) PRIMARY KEY,
  user_id INTEGER NOT NULL UNIQUE REFERENCES accounts_users (id) ON DELETE CASCADE,
  created DATETIME NOT NULL
);
CREATE TABLE library_authors (
  id INTEGER PRIMARY KEY,
  full_name VARCHAR(120) NOT NULL,
  born_on DATE,
  created DATETIME NOT NULL,
  modified DATETIME NOT NULL
);
CREATE TABLE library_books (
  id INTEGER PRIMARY KEY,
  title VARCHAR(200) NOT NULL,
  isbn VARCHAR(13) NOT NULL UNIQUE,
  author_id INTEGER NOT NULL REFERENCES library_authors (id),
  added_by_id INTEGER NOT NULL REFERENCES accounts_users (id),
  page_count INTEGER,
  publication_date DATE,
  copies_available INTEGER NOT NULL DEFAULT 1,
  created DATETIME NOT NULL,
  modified DATETIME NOT NULL
);
CREATE TABLE library_tags (
  id INTEGER PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE
);
CREATE TABLE library_books_tags (
  id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES library_books (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES library_tags (id) ON DELETE CASCADE,
  UNIQUE (book_id, tag_id)
);
CREATE TABLE library_loans (
  id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES library_books (id),
  borrower_id INTEGER NOT NULL REFERENCES accounts_users (id),
  borrowed_at DATETIME NOT NULL,
  due_on DATE NOT NULL,
  returned_at DATETIME
);
CREATE TABLE django_admin_log (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES accounts_users (id),
  action_flag VARCHAR(20) NOT NULL,
  object_repr VARCHAR(200) NOT NULL,
  action_time DATETIME NOT NULL
);
INSERT INTO accounts_users VALUES
  (1, 'ada', 'ada@library.example', 'pbkdf2$seed', 'Ada', 1, 1, '2024-01-15 09:30:00'),
  (2, 'ben', 'ben@library.example', 'pbkdf2$seed', 'Ben', 1, 0, '2024-01-15 09:30:00');
INSERT INTO authtoken_tokens VALUES
  ('ada-library-token', 1, '2024-01-15 09:30:00'), ('ben-library-token', 2, '2024-01-15 09:30:00');
INSERT INTO library_authors VALUES (1, 'Mary Shelley', '1797-08-30', '2024-01-15 09:30:00', '2024-01-15 09:30:00');
INSERT INTO library_books VALUES
  (1, 'Frankenstein', '9780000000001', 1, 1, 280, '1818-01-01', 3, '2024-01-15 09:30:00', '2024-01-15 09:30:00');
INSERT INTO library_tags VALUES (1, 'classic');

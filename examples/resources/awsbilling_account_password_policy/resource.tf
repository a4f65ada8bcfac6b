resource "awsbilling_account_password_policy" "example" {
  minimum_password_length = 16 # the other rules are strong by default

  assume_role = {
    role_arn = "arn:aws:iam::999988887777:role/example-management"
  }
}

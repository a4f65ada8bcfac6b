resource "awsbilling_organization" "example" {
  feature_set         = "ALL"
  deletion_protection = false # true is better as soon as it has members

  assume_role = {
    role_arn = "arn:aws:iam::111122223333:role/example-onboarding"
  }
}

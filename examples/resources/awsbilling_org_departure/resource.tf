resource "awsbilling_org_departure" "example" {
  organization_id = "o-exampleorgid" # left, and no other

  assume_role = {
    role_arn = "arn:aws:iam::444455556666:role/example-onboarding"
  }
}

resource "awsbilling_org_member_account" "example" {
  name  = "example-sandbox"
  email = "sandbox@example.com"

  tags = {
    team = "example-billing"
  }
}

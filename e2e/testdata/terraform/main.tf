# Account A shares an image recipe and an encrypted parameter with account B, by
# way of RAM; B accepts the share when var.accept says so.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "accept" {
  type    = bool
  default = false
}

locals {
  owner    = "111122223333"
  consumer = "444455556666"
}

provider "aws" {
  region     = "us-east-1"
  access_key = local.owner
  secret_key = "test"
}

provider "aws" {
  alias      = "consumer"
  region     = "us-east-1"
  access_key = local.consumer
  secret_key = "test"
}

data "aws_caller_identity" "owner" {}

resource "aws_kms_key" "golden" {
  description             = "golden"
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Owner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.owner}:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "Consumer", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.consumer}:root" }, Action = "kms:Decrypt", Resource = "*" },
    ]
  })
  tags = { team = "images" }
}

resource "aws_kms_alias" "golden" {
  name          = "alias/golden"
  target_key_id = aws_kms_key.golden.key_id
}

resource "aws_ssm_parameter" "plain" {
  name  = "/golden/version"
  type  = "String"
  value = "1.0.0"
  tags  = { team = "images" }
}

resource "aws_ssm_parameter" "secret" {
  name   = "/golden/token"
  type   = "SecureString"
  tier   = "Advanced"
  key_id = aws_kms_key.golden.arn
  value  = "correct horse"
}

resource "aws_imagebuilder_component" "agent" {
  name     = "agent"
  version  = "1.0.0"
  platform = "Linux"
  data = yamlencode({
    schemaVersion = 1.0
    phases = [{
      name  = "build"
      steps = [{ name = "install", action = "ExecuteBash", inputs = { commands = ["echo installed"] } }]
    }]
  })
}

resource "aws_imagebuilder_image_recipe" "base" {
  name         = "base"
  version      = "1.0.0"
  parent_image = "ami-0123456789abcdef0"
  tags         = { team = "images" }

  component {
    component_arn = aws_imagebuilder_component.agent.arn
  }
}

resource "aws_ram_resource_share" "golden" {
  name                      = "golden"
  allow_external_principals = true
  tags                      = { team = "images" }
}

resource "aws_ram_resource_association" "recipe" {
  resource_share_arn = aws_ram_resource_share.golden.arn
  resource_arn       = aws_imagebuilder_image_recipe.base.arn
}

resource "aws_ram_resource_association" "secret" {
  resource_share_arn = aws_ram_resource_share.golden.arn
  resource_arn       = aws_ssm_parameter.secret.arn
}

resource "aws_ram_principal_association" "consumer" {
  resource_share_arn = aws_ram_resource_share.golden.arn
  principal          = local.consumer
}

resource "aws_ram_resource_share_accepter" "consumer" {
  provider  = aws.consumer
  count     = var.accept ? 1 : 0
  share_arn = aws_ram_principal_association.consumer.resource_share_arn

  depends_on = [aws_ram_resource_association.recipe, aws_ram_resource_association.secret]
}

# What the consumer reads of the share, by ARN.
data "aws_ssm_parameter" "shared" {
  provider = aws.consumer
  count    = var.accept ? 1 : 0
  name     = aws_ssm_parameter.secret.arn

  depends_on = [aws_ram_resource_share_accepter.consumer]
}

output "account" {
  value = data.aws_caller_identity.owner.account_id
}

output "recipe" {
  value = aws_imagebuilder_image_recipe.base.arn
}

output "parameter" {
  value = aws_ssm_parameter.secret.arn
}

output "shared" {
  value     = join("", data.aws_ssm_parameter.shared[*].value)
  sensitive = true
}
